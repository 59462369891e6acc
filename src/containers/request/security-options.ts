import { failure } from '../../base/index.ts'
import { parseSeccompProfile, type SpecInput } from '../../runtime/index.ts'

export interface SecurityOptions {
  readonly noNewPrivileges: boolean
  readonly seccomp: SpecInput['seccomp']
  readonly apparmor: string | undefined
  /** /proc and /sys are shown whole. */
  readonly wholeSystemPaths: boolean
}

type Reader = (value: string, option: string) => Partial<SecurityOptions>

const READERS: Readonly<Record<string, Reader>> = {
  'no-new-privileges': (value, option) => ({ noNewPrivileges: readFlag(value, option) }),
  seccomp: (value) => ({ seccomp: readSeccomp(value) }),
  apparmor: (value) => ({ apparmor: value === 'unconfined' || value === '' ? undefined : value }),
  systempaths: (value, option) => {
    if (value !== 'unconfined') throw invalidOption(option)
    return { wholeSystemPaths: true }
  },
  label: () => ({}),
}

/** Reads `--security-opt`; later ones win. `invalid` with Docker's texts. */
export function parseSecurityOptions(options: readonly string[]): SecurityOptions {
  const initial: SecurityOptions = {
    noNewPrivileges: false,
    seccomp: 'default',
    apparmor: undefined,
    wholeSystemPaths: false,
  }
  return Object.assign(initial, ...options.map(readOption))
}

function readOption(option: string): Partial<SecurityOptions> {
  if (option === 'no-new-privileges') return { noNewPrivileges: true }
  if (option === 'disable') return {}
  const [, name, value] = /^([^=]*)=(.*)$/s.exec(option) ?? /^([^:]*):(.*)$/s.exec(option) ?? []
  if (name === undefined || value === undefined) {
    throw failure('invalid', `invalid --security-opt 1: ${JSON.stringify(option)}`)
  }
  const reader = Object.hasOwn(READERS, name) ? READERS[name] : undefined
  if (!reader) throw invalidOption(option)
  return reader(value, option)
}

function readSeccomp(value: string): SecurityOptions['seccomp'] {
  if (value === 'unconfined') return 'unconfined'
  return value === '' || value === 'builtin' ? 'default' : parseSeccompProfile(value)
}

function readFlag(value: string, option: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(value)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(value)) return false
  throw invalidOption(option)
}

function invalidOption(option: string): Error {
  return failure('invalid', `invalid --security-opt 2: ${JSON.stringify(option)}`)
}
