import type { BlockCounter } from '../contract.ts'

/** A counter of the kernel: many go beyond what a number holds exactly. */
export type Counter = bigint

/** A file of one number; `max` is undefined, as is a file that is not there. */
export function parseCounter(text: string | undefined): Counter | undefined {
  const trimmed = text?.trim() ?? ''
  return /^\d+$/.test(trimmed) ? BigInt(trimmed) : undefined
}

/** Lines of `name number`. */
export function parseCounters(text: string | undefined): ReadonlyMap<string, Counter> {
  return new Map(
    [...(text ?? '').matchAll(/^(\S+) (\d+)$/gm)].map(([, name = '', value = '0']) => [name, BigInt(value)]),
  )
}

/** Numbers in one line. */
export function parseList(text: string | undefined): readonly Counter[] {
  return (text ?? '').split(/\s+/).filter(Boolean).map(BigInt)
}

/** Lines of `8:0 Read 4096` (v1). */
export function parseBlockLines(text: string | undefined): readonly BlockCounter[] {
  return [...(text ?? '').matchAll(/^(\d+):(\d+) (\S+) (\d+)$/gm)].map(
    ([, major = '0', minor = '0', op = '', value = '0']) => ({
      major: BigInt(major),
      minor: BigInt(minor),
      op,
      value: BigInt(value),
    }),
  )
}

/** Lines of `8:0 rbytes=1 wbytes=2 rios=3 …` (v2): those counters that have a name in `ops`. */
export function parseIoStat(text: string | undefined, ops: Readonly<Record<string, string>>): readonly BlockCounter[] {
  return (text ?? '').split('\n').flatMap((line) => {
    const [, major, minor, rest = ''] = /^(\d+):(\d+) (.*)$/.exec(line) ?? []
    if (major === undefined || minor === undefined) return []
    const values = new Map(rest.split(' ').map((pair) => pair.split('=') as [string, string]))
    return Object.entries(ops).map(([name, op]) => ({
      major: BigInt(major),
      minor: BigInt(minor),
      op,
      value: parseCounter(values.get(name)) ?? 0n,
    }))
  })
}
