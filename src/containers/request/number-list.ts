/** Ranges are looked at up to here: more CPUs or memory nodes no kernel has. */
const LIMIT = 8192

/** Reads a list of cpuset(7) such as `0-2,7`; undefined when it is none. */
export function parseNumberList(text: string): ReadonlySet<number> | undefined {
  const numbers = new Set<number>()
  for (const part of text === '' ? [] : text.split(',')) {
    const [, first, last = first] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(part) ?? []
    if (first === undefined || Number(last) < Number(first) || Number(last) >= LIMIT) return undefined
    for (let number = Number(first); number <= Number(last); number += 1) numbers.add(number)
  }
  return numbers
}
