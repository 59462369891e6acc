import { failure } from '../../base/index.ts'
import type { MountRequest } from '../contract.ts'

/** Options of a tmpfs in a container unless something else is asked for. */
const DEFAULTS: readonly string[] = ['noexec', 'nosuid', 'nodev', 'rprivate']

/** Mount flags by what they decide: of those that decide the same thing the last one counts. */
const FLAGS: Readonly<Record<string, string>> = Object.fromEntries(
  Object.entries({
    propagation: 'unbindable runbindable private rprivate shared rshared slave rslave',
    access: 'ro rw',
    suid: 'suid nosuid',
    dev: 'dev nodev',
    exec: 'exec noexec',
    sync: 'sync async',
    dirsync: 'dirsync',
    remount: 'remount',
    mand: 'mand nomand',
    atime: 'atime noatime',
    diratime: 'diratime nodiratime',
    relatime: 'relatime norelatime',
    strictatime: 'strictatime nostrictatime',
    bind: 'bind',
    rbind: 'rbind',
  }).flatMap(([aspect, names]) => names.split(' ').map((name) => [name, aspect])),
)

const DATA: ReadonlySet<string> = new Set(['size', 'mode', 'uid', 'gid', 'nr_inodes', 'nr_blocks', 'mpol'])

/** Complete mount options for `--tmpfs /x:<text>`, in the order given. `invalid` with Docker's text. */
export function tmpfsOptions(text: string): readonly string[] {
  const given = [...DEFAULTS, ...(text === '' ? [] : text.split(','))].filter((option) => option !== 'defaults')
  const last = new Map(given.map((option, index) => [aspectOf(option), index]))
  return given.filter((option, index) => last.get(aspectOf(option)) === index)
}

function aspectOf(option: string): string {
  if (Object.hasOwn(FLAGS, option)) return FLAGS[option] ?? option
  const [name = '', ...values] = option.split('=')
  if (values.length === 0 || !DATA.has(name)) {
    throw failure(
      'invalid',
      `invalid tmpfs option [${[name, ...values].map((part) => JSON.stringify(part)).join(' ')}]`,
    )
  }
  return `${name}=`
}

/** What `--mount type=tmpfs` asks for, in the words of `--tmpfs`. Throws plain errors: the caller says which mount. */
export function tmpfsTextOf({ tmpfs, readOnly }: MountRequest): string {
  const options = (tmpfs?.options ?? []).map((option) => {
    const [name, value, ...more] = option
    if (name === undefined || more.length > 0) throw new Error('invalid option array length')
    if (name !== 'exec' && name !== 'noexec') throw new Error(`invalid option: ${name}`)
    if (value !== undefined) throw new Error(`invalid option: ${name}=${value}`)
    return name
  })
  return [
    ...(readOnly ? ['ro'] : []),
    ...(tmpfs?.mode ? [`mode=${tmpfs.mode.toString(8)}`] : []),
    ...(tmpfs?.sizeBytes ? [`size=${tmpfs.sizeBytes}`] : []),
    ...options,
  ].join(',')
}
