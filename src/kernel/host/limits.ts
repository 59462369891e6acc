import { readFileSync } from 'node:fs'

export interface Limit {
  readonly soft: number
  readonly hard: number
}

const LIMIT_NAMES: Readonly<Record<string, string>> = {
  'Max cpu time': 'cpu',
  'Max file size': 'fsize',
  'Max data size': 'data',
  'Max stack size': 'stack',
  'Max core file size': 'core',
  'Max resident set': 'rss',
  'Max processes': 'nproc',
  'Max open files': 'nofile',
  'Max locked memory': 'memlock',
  'Max address space': 'as',
  'Max file locks': 'locks',
  'Max pending signals': 'sigpending',
  'Max msgqueue size': 'msgqueue',
  'Max nice priority': 'nice',
  'Max realtime priority': 'rtprio',
  'Max realtime timeout': 'rttime',
}

/** /proc/PID/limits by the short names of ulimits; unlimited is Infinity. */
export function parseLimits(text: string): Readonly<Record<string, Limit>> {
  const entries = text.split('\n').flatMap((line): [string, Limit][] => {
    const match = /^(Max .+?)\s{2,}(\S+)\s+(\S+)/.exec(line)
    const name = match?.[1] && LIMIT_NAMES[match[1]]
    return match && name ? [[name, { soft: limitValue(match[2]), hard: limitValue(match[3]) }]] : []
  })
  return Object.fromEntries(entries)
}

/** The limits of this process, which those of its children cannot pass without CAP_SYS_RESOURCE. */
export function ownLimits(): Readonly<Record<string, Limit>> {
  return parseLimits(readFileSync('/proc/self/limits', 'utf8'))
}

function limitValue(text = ''): number {
  return text === 'unlimited' ? Number.POSITIVE_INFINITY : Number(text)
}
