import { existsSync } from 'node:fs'
import { posix } from 'node:path'
import { failure, messageOf } from '../../base/index.ts'
import type { MountRequest } from '../contract.ts'
import { tmpfsTextOf } from './tmpfs-options.ts'

/** What `-v` or `--mount` asks for, checked. */
export interface MountPlan {
  readonly type: 'bind' | 'volume' | 'tmpfs'
  /** Path on the host, or the volume's name; empty: an anonymous volume, or none. */
  readonly source: string
  readonly destination: string
  readonly mode: string
  readonly readWrite: boolean
  readonly propagation: string
  readonly volume?: MountRequest['volume']
}

const PROPAGATIONS: ReadonlySet<string> = new Set(['private', 'rprivate', 'slave', 'rslave', 'shared', 'rshared'])
const DEFAULT_PROPAGATION = 'rprivate'

/** Words that decide the same thing; a mode has at most one of each. */
const MODE_WORDS: readonly ReadonlySet<string>[] = [
  new Set(['ro', 'rw']),
  new Set(['z', 'Z']),
  PROPAGATIONS,
  new Set(['nocopy']),
  new Set(['consistent', 'cached', 'delegated']),
]

/** Reads `[source:]destination[:mode]` of `-v`. `invalid` with Docker's texts. */
export function parseBind(text: string): MountPlan {
  const parts = text.split(':')
  const [first = '', second, mode = ''] = parts
  if (first === '' || parts.length > 3 || (parts.length === 2 && isMode(second ?? ''))) throw invalidSpec(text)
  if (!isMode(mode)) throw failure('invalid', `invalid mode: ${mode}`)
  const source = second === undefined ? '' : first
  const target = second ?? first
  const isBind = source.startsWith('/')
  const words = mode.split(',')
  const propagation = words.find((word) => PROPAGATIONS.has(word))
  const type = isBind ? 'bind' : 'volume'
  try {
    assertTarget(target)
    if (isBind && words.includes('nocopy')) throw new Error('field VolumeOptions must not be specified')
    if (!isBind && propagation !== undefined) throw new Error('field BindOptions must not be specified')
    if (!isBind && source === '' && words.includes('ro')) {
      throw new Error('must not set ReadOnly mode when using anonymous volumes')
    }
  } catch (cause) {
    throw failure('invalid', `${invalidSpec(text).message}: ${configText(type, cause)}`, { cause })
  }
  return {
    type,
    source: isBind ? cleanPath(source) : source,
    destination: cleanPath(target),
    mode,
    readWrite: !words.includes('ro'),
    propagation: isBind ? (propagation ?? DEFAULT_PROPAGATION) : '',
  }
}

/** Reads `container[:mode]` of `--volumes-from`. */
export function parseVolumesFrom(text: string): { readonly container: string; readonly readWrite: boolean } {
  if (text === '') throw failure('invalid', 'volumes-from specification cannot be an empty string')
  const colon = text.indexOf(':')
  const container = colon < 0 ? text : text.slice(0, colon)
  const mode = colon < 0 ? '' : text.slice(colon + 1)
  const words = mode.split(',')
  if (!isMode(mode) || words.some((word) => PROPAGATIONS.has(word) || word === 'nocopy')) {
    throw failure('invalid', `invalid mode: ${mode}`)
  }
  return { container, readWrite: !words.includes('ro') }
}

/** Checks one of `--mount`, the source of a bind on the host among it. `invalid` with Docker's texts. */
export function readMount(request: MountRequest): MountPlan {
  const { type, source, target, readOnly, bind, volume } = request
  if (type === 'image') throw failure('unsupported', 'mounts of type image are not supported')
  try {
    assertTarget(target)
    assertOptions(request)
    if (type === 'bind') assertBind(request)
    if (type === 'volume') assertVolume(request)
    if (type === 'tmpfs') {
      if (source !== '') throw new Error('field Source must not be specified')
      tmpfsTextOf(request)
    }
  } catch (cause) {
    throw failure('invalid', configText(type, cause), { cause })
  }
  return {
    type,
    source: type === 'bind' ? cleanPath(source) : source,
    destination: cleanPath(target),
    mode: '',
    readWrite: !readOnly,
    propagation: type === 'bind' ? bind?.propagation || DEFAULT_PROPAGATION : '',
    ...(volume ? { volume } : {}),
  }
}

/** Docker's text for a source of `--mount` that is not there. */
export function noSuchSource(path: string): Error {
  return failure('invalid', configText('bind', new Error(`bind source path does not exist: ${path}`)))
}

/** An absolute path without `.`, `..`, doubled and trailing slashes. */
export function cleanPath(path: string): string {
  const clean = posix.normalize(`/${path}`)
  return clean === '/' ? clean : clean.replace(/\/$/, '')
}

function isMode(mode: string): boolean {
  if (mode === '') return true
  const words = mode.split(',')
  const kinds = words.map((word) => MODE_WORDS.findIndex((set) => set.has(word)))
  return !kinds.includes(-1) && new Set(kinds).size === kinds.length
}

function assertTarget(target: string): void {
  if (target === '') throw new Error('field Target must not be empty')
  if (cleanPath(target) === '/') throw new Error("invalid specification: destination can't be '/'")
  assertAbsolute(target)
}

function assertAbsolute(path: string): void {
  if (!path.startsWith('/')) throw new Error(`invalid mount path: '${path}' mount path must be absolute`)
}

function assertOptions(request: MountRequest): void {
  const foreign = {
    bind: 'BindOptions',
    volume: 'VolumeOptions',
    image: 'ImageOptions',
    tmpfs: 'TmpfsOptions',
  } as const
  for (const type of ['bind', 'volume', 'image'] as const) {
    if (type !== request.type && request[type]) throw new Error(`field ${foreign[type]} must not be specified`)
  }
}

function assertBind({ source, readOnly, bind }: MountRequest): void {
  if (source === '') throw new Error('field Source must not be empty')
  if (bind?.propagation && !PROPAGATIONS.has(bind.propagation)) {
    throw new Error(`invalid propagation mode: ${bind.propagation}`)
  }
  assertAbsolute(source)
  if (!bind?.createMountpoint && !existsSync(source)) throw new Error(`bind source path does not exist: ${source}`)
  const { readOnlyNonRecursive = false, readOnlyForceRecursive = false } = bind ?? {}
  const conflict = [
    [!readOnly && readOnlyNonRecursive, '!ReadOnly && BindOptions.ReadOnlyNonRecursive'],
    [!readOnly && readOnlyForceRecursive, '!ReadOnly && BindOptions.ReadOnlyForceRecursive'],
    [readOnlyNonRecursive && readOnlyForceRecursive, 'ReadOnlyNonRecursive && BindOptions.ReadOnlyForceRecursive'],
  ].find(([isThere]) => isThere)
  if (conflict) throw new Error(`mount options conflict: ${conflict[1]}`)
}

function assertVolume({ source, readOnly, volume }: MountRequest): void {
  if (volume?.subpath) throw new Error('field VolumeOptions.Subpath is not supported')
  if (readOnly && source === '') throw new Error('must not set ReadOnly mode when using anonymous volumes')
}

function configText(type: string, cause: unknown): string {
  return `invalid mount config for type ${JSON.stringify(type)}: ${messageOf(cause)}`
}

function invalidSpec(text: string): Error {
  return failure('invalid', `invalid volume specification: '${text}'`)
}
