export const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

export interface EnvironmentInput {
  /** `K=V`, later entries winning; `K` alone takes the variable away. */
  readonly env: readonly string[]
  readonly hostname: string
  readonly terminal: boolean
  readonly home: string
}

/** The environment as Docker orders it: PATH, HOSTNAME and TERM first, then what was asked for, HOME last. */
export function completeEnvironment({ env, hostname, terminal, home }: EnvironmentInput): readonly string[] {
  const defaults = [`PATH=${DEFAULT_PATH}`, `HOSTNAME=${hostname}`, ...(terminal ? ['TERM=xterm'] : [])]
  return withHome(mergeEnvironment(defaults, env), home)
}

/** `changes` replace variables in their place or are appended; an entry without `=` takes its variable away. */
export function mergeEnvironment(base: readonly string[], changes: readonly string[]): readonly string[] {
  const variables = new Map(base.map((entry) => [nameOf(entry), entry]))
  for (const entry of changes) {
    if (entry.includes('=')) variables.set(nameOf(entry), entry)
    else variables.delete(entry)
  }
  return [...variables.values()]
}

/** HOME as given by the image or the person wins over that of passwd, unless it is empty. */
export function withHome(env: readonly string[], home: string): readonly string[] {
  if (env.some((entry) => entry.startsWith('HOME=') && entry !== 'HOME=')) return env
  return [...env.filter((entry) => entry !== 'HOME='), `HOME=${home}`]
}

function nameOf(entry: string): string {
  const end = entry.indexOf('=')
  return end < 0 ? entry : entry.slice(0, end)
}
