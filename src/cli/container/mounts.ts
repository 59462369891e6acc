import { failure, parseBytes } from '../../base/index.ts'

/** Options of `--mount` that stand for one of several names. */
const SYNONYMS: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
}

const TYPES = ['bind', 'volume', 'tmpfs', 'image']

/** Reads a `--mount` value, a line of comma-separated fields with CSV's quotes, into the API's mount. */
export function parseMount(text: string): Record<string, unknown> {
  const fields = splitCsv(text).map((field): [string, string] => {
    const at = field.indexOf('=')
    const name = (at < 0 ? field : field.slice(0, at)).toLowerCase()
    return [SYNONYMS[name] ?? name, at < 0 ? 'true' : field.slice(at + 1)]
  })
  const mount: { [key: string]: unknown; Type: string; Target?: string; Source?: string } = { Type: 'volume' }
  for (const [name, value] of fields) assign(mount, { name, value, text })
  if (!TYPES.includes(mount.Type)) throw failure('invalid', `invalid mount type ${JSON.stringify(mount.Type)}`)
  if (!mount.Target)
    throw failure('invalid', `invalid argument ${JSON.stringify(text)} for "--mount" flag: target is required`)
  if (mount.Type === 'bind' && mount.Source?.startsWith('.')) {
    mount.Source = new URL(`${mount.Source}/`, `file://${process.cwd()}/`).pathname.replace(/\/$/, '') || '/'
  }
  return mount
}

function assign(
  mount: { [key: string]: unknown; Type: string; Target?: string; Source?: string },
  { name, value, text }: { name: string; value: string; text: string },
): void {
  const group = (key: string): Record<string, unknown> => {
    mount[key] ??= {}
    return mount[key] as Record<string, unknown>
  }
  const setters: Readonly<Record<string, () => unknown>> = {
    type: () => (mount.Type = value.toLowerCase()),
    source: () => (mount.Source = value),
    target: () => (mount.Target = value),
    readonly: () => (mount.ReadOnly = parseSwitch(name, value)),
    consistency: () => (mount.Consistency = value.toLowerCase()),
    'bind-propagation': () => (group('BindOptions').Propagation = value.toLowerCase()),
    'bind-nonrecursive': () => (group('BindOptions').NonRecursive = parseSwitch(name, value)),
    'bind-recursive': () => bindRecursive(group('BindOptions'), value),
    'volume-nocopy': () => (group('VolumeOptions').NoCopy = parseSwitch(name, value)),
    'volume-subpath': () => (group('VolumeOptions').Subpath = value),
    'volume-driver': () => {
      group('VolumeOptions').DriverConfig = { ...(group('VolumeOptions').DriverConfig as object), Name: value }
    },
    'volume-label': () => {
      group('VolumeOptions').Labels = { ...(group('VolumeOptions').Labels as object), ...pair(value) }
    },
    'volume-opt': () => {
      const config = (group('VolumeOptions').DriverConfig ?? {}) as { Options?: object }
      group('VolumeOptions').DriverConfig = { ...config, Options: { ...config.Options, ...pair(value) } }
    },
    'tmpfs-size': () => (group('TmpfsOptions').SizeBytes = parseBytes(value)),
    'tmpfs-mode': () => (group('TmpfsOptions').Mode = Number.parseInt(value, 8)),
    'image-subpath': () => (group('ImageOptions').Subpath = value),
  }
  const set = Object.hasOwn(setters, name) ? setters[name] : undefined
  if (!set)
    throw failure(
      'invalid',
      `invalid argument ${JSON.stringify(text)} for "--mount" flag: unexpected key '${name}' in '${name}=${value}'`,
    )
  set()
}

function bindRecursive(options: Record<string, unknown>, value: string): void {
  const settings: Readonly<Record<string, Record<string, boolean>>> = {
    enabled: {},
    disabled: { NonRecursive: true },
    writable: { ReadOnlyNonRecursive: true },
    readonly: { ReadOnlyForceRecursive: true },
  }
  const found = settings[value]
  if (!found) throw failure('invalid', `invalid value for bind-recursive: ${value}`)
  Object.assign(options, found)
}

function parseSwitch(name: string, value: string): boolean {
  if (/^(1|true)$/i.test(value)) return true
  if (/^(0|false)$/i.test(value)) return false
  throw failure('invalid', `invalid value for ${name}: ${value}`)
}

function pair(text: string): Record<string, string> {
  const at = text.indexOf('=')
  return at < 0 ? { [text]: '' } : { [text.slice(0, at)]: text.slice(at + 1) }
}

/** RFC 4180 fields of one line. */
function splitCsv(text: string): readonly string[] {
  const fields = Array.from(text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"|([^,]*))/g), ([, quoted, plain]) =>
    quoted === undefined ? (plain ?? '') : quoted.replaceAll('""', '"'),
  )
  return fields.filter((field) => field !== '')
}
