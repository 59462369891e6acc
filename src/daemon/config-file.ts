import { failure, messageOf } from '../base/index.ts'
import { DAEMON_FLAGS, type DaemonValues } from './flags.ts'

type Key = keyof DaemonValues

/** Keys of daemon.json that are not named like their flag. */
const RENAMED: Readonly<Record<string, Key>> = {
  hosts: 'host',
  labels: 'label',
  'dns-opts': 'dns-opt',
  runtimes: 'add-runtime',
  'default-ulimits': 'default-ulimit',
  'insecure-registries': 'insecure-registry',
  'registry-mirrors': 'registry-mirror',
}

const NOT_IN_FILE: ReadonlySet<string> = new Set([
  'config-file',
  'help',
  'validate',
  'version',
  ...Object.values(RENAMED),
])

/** Reads the content of daemon.json into the values of the flags it stands for. All problems in one message. */
export function parseConfigFile(
  text: string,
  { path, given }: { readonly path: string; readonly given: ReadonlySet<string> },
): Partial<DaemonValues> {
  const entries = Object.entries(parseObject(text, path)).map(([name, value]) => ({ name, key: keyOf(name), value }))
  const unknown = entries.filter(({ key }) => key === undefined).map(({ name }) => name)
  if (unknown.length > 0)
    refuse(path, `the following directives don't match any configuration option: ${unknown.join(', ')}`)
  const twice = entries.filter(({ key }) => given.has(key ?? '')).map(({ name }) => name)
  if (twice.length > 0) {
    refuse(
      path,
      `the following directives are specified both as a flag and in the configuration file: ${twice.join(', ')}`,
    )
  }
  return Object.fromEntries(entries.map(({ name, key, value }) => [key, readValue(key as Key, { path, name, value })]))
}

function parseObject(text: string, path: string): Record<string, unknown> {
  if (text.trim() === '') return {}
  try {
    const value: unknown = JSON.parse(text)
    if (typeof value === 'object' && value !== null && !Array.isArray(value)) return value as Record<string, unknown>
  } catch (cause) {
    throw failure('invalid', `unable to configure the daemon with file ${path}: ${messageOf(cause)}`, { cause })
  }
  return refuse(path, 'want a JSON object')
}

function keyOf(name: string): Key | undefined {
  if (Object.hasOwn(RENAMED, name)) return RENAMED[name]
  return Object.hasOwn(DAEMON_FLAGS, name) && !NOT_IN_FILE.has(name) ? (name as Key) : undefined
}

function readValue(key: Key, { path, name, value }: { path: string; name: string; value: unknown }): unknown {
  const { parse, initial } = DAEMON_FLAGS[key] as {
    parse: (text: string, previous: unknown) => unknown
    initial: unknown
  }
  try {
    if (Array.isArray(initial)) return textsOf(key, value)
    if (typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean') {
      return parse(String(value), initial)
    }
  } catch (cause) {
    return refuse(path, `${name}: ${messageOf(cause)}`)
  }
  return refuse(path, `${name}: want a ${typeof initial}, found ${JSON.stringify(value)}`)
}

function textsOf(key: Key, value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((entry) => typeof entry === 'string')) return value
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new Error('want a list of strings')
  return Object.entries(value).map(([name, entry]) => textOf(key, { name, entry }))
}

function textOf(key: Key, { name, entry }: { name: string; entry: unknown }): string {
  const fields = entry as Record<string, unknown>
  if (key === 'add-runtime' && typeof fields?.path === 'string') return `${name}=${fields.path}`
  if (key === 'default-ulimit' && fields) {
    const { Soft = fields.Hard, Hard = fields.Soft } = fields
    return `${name}=${String(Soft)}:${String(Hard)}`
  }
  throw new Error(`cannot read ${JSON.stringify(name)}`)
}

function refuse(path: string, why: string): never {
  throw failure('invalid', `unable to configure the daemon with file ${path}: ${why}`)
}
