import { readFileSync } from 'node:fs'
import { failure, messageOf } from '../../base/index.ts'

const POLICIES = ['no', 'on-failure', 'always', 'unless-stopped']

/** Reads `on-failure:5`. */
export function parseRestartPolicy(text: string): { Name: string; MaximumRetryCount: number } {
  const [name = '', count, ...rest] = text.split(':')
  if (rest.length > 0) throw failure('invalid', 'invalid restart policy format')
  if (count !== undefined && !/^\d+$/.test(count)) {
    throw failure('invalid', 'invalid restart policy format: maximum retry count must be an integer')
  }
  if (text !== '' && !POLICIES.includes(name)) throw failure('invalid', `invalid restart policy: ${name}`)
  return { Name: name, MaximumRetryCount: Number(count ?? 0) }
}

/** Reads `/dev/x[:/dev/y][:rwm]`. */
export function parseDevice(text: string): { PathOnHost: string; PathInContainer: string; CgroupPermissions: string } {
  const [source = '', second, third] = text.split(':')
  const isMode = second !== undefined && /^[rwm]+$/.test(second)
  return {
    PathOnHost: source,
    PathInContainer: second === undefined || isMode ? source : second,
    CgroupPermissions: third ?? (isMode ? second : 'rwm'),
  }
}

/** Reads `nofile=1024:2048`; a name given twice counts once, the last. */
export function parseUlimits(texts: readonly string[]): { Name: string; Soft: number; Hard: number }[] {
  const limits = texts.map((text) => {
    const match = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text)
    if (!match)
      throw failure(
        'invalid',
        `invalid argument ${JSON.stringify(text)} for "--ulimit" flag: invalid ulimit argument: ${text}`,
      )
    const [, Name = '', soft = '', hard = soft] = match
    return { Name, Soft: Number(soft), Hard: Number(hard) }
  })
  const byName = new Map(limits.map((limit) => [limit.Name, limit]))
  return Array.from(byName.values()).sort((a, b) => (a.Name < b.Name ? -1 : 1))
}

/** `net_admin` and `CAP_NET_ADMIN` are the same capability; ALL stands for every one. */
export function normaliseCapability(text: string): string {
  const name = text.trim().toUpperCase()
  return name === 'ALL' || name.startsWith('CAP_') ? name : `CAP_${name}`
}

/** A seccomp profile is read here and travels as its content; `systempaths=unconfined` becomes empty lists of paths. */
export function parseSecurityOptions(texts: readonly string[]): { options: readonly string[]; unmasked: boolean } {
  const options = texts.filter((text) => text !== 'systempaths=unconfined')
  return {
    options: options.map((text) => {
      const [name = '', value = ''] = splitAtMark(text)
      if (name !== 'seccomp' || value === 'unconfined' || value === 'builtin') return text
      return `seccomp=${readProfile(value)}`
    }),
    unmasked: options.length !== texts.length,
  }
}

function splitAtMark(text: string): [string, string] {
  const at = text.search(/[=:]/)
  return at < 0 ? [text, ''] : [text.slice(0, at), text.slice(at + 1)]
}

function readProfile(path: string): string {
  try {
    return JSON.stringify(JSON.parse(readFileSync(path, 'utf8')))
  } catch (cause) {
    throw failure('invalid', `opening seccomp profile (${path}) failed: ${messageOf(cause)}`, { cause })
  }
}
