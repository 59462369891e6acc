/** Networks that every engine has: nobody makes or removes them. */
const PREDEFINED: ReadonlySet<string> = new Set(['bridge', 'host', 'none'])

export function isPredefined(name: string): boolean {
  return PREDEFINED.has(name)
}
