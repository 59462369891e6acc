import { type Clock, type Database, failure, isKind, type Log, newId } from '../base/index.ts'
import { listMounts } from '../kernel/index.ts'
import type { Volume, VolumeEvent, Volumes, VolumeUsers } from './contract.ts'
import { folderSize } from './folder-size.ts'
import { createVolumeFolders } from './folders.ts'
import { ANONYMOUS_LABEL, assertVolumeName } from './names.ts'
import { createVolumeRecords, type VolumeRecord } from './records.ts'

export interface VolumesOptions {
  readonly db: Database
  /** The folder of all volumes; made when absent. */
  readonly root: string
  readonly clock: Clock
  readonly log: Log
  readonly users: VolumeUsers
  /** Called synchronously after the change has been recorded. */
  readonly emit: (event: VolumeEvent) => void
}

/**
 * The folder is the truth: it is made before its record and goes before it. At the next start a record without a folder
 * is dropped, and a folder without a record gets one, so that a lost database loses no data.
 */
export function createVolumes(options: VolumesOptions): Volumes {
  const { root, clock, log, users, emit } = options
  const records = createVolumeRecords(options.db)
  const folders = createVolumeFolders({ root, log })
  const volumes = new Map<string, Volume>()
  recover()

  function recover(): void {
    const found = new Map(folders.recover().map(({ name, since }) => [name, since]))
    for (const record of records.all()) {
      if (found.delete(record.name)) keep(record)
      else records.remove(record.name)
    }
    for (const [name, created] of found) {
      const record = describe({ name, created })
      records.put(record)
      keep(record)
      log.info({ name }, 'found a volume without a record and took it up')
    }
  }

  function keep(record: VolumeRecord): Volume {
    const volume = { ...record, mountpoint: folders.mountpointOf(record.name) }
    volumes.set(record.name, volume)
    return volume
  }

  const create: Volumes['create'] = (wanted) => {
    const { name = newId(), labels = {}, options: driverOptions = {} } = wanted
    assertVolumeName(name)
    const known = volumes.get(name)
    if (known) return known
    const [option] = Object.keys(driverOptions)
    if (option !== undefined) {
      throw failure('unsupported', `create ${name}: option ${JSON.stringify(option)} of local volumes is not supported`)
    }
    const anonymous = wanted.anonymous === true || wanted.name === undefined
    const record = describe({ name, created: clock.now(), labels, anonymous })
    folders.make(name)
    records.put(record)
    const volume = keep(record)
    emit({ action: 'create', volume })
    return volume
  }

  function get(name: string): Volume {
    const volume = volumes.get(name)
    if (!volume) throw failure('not-found', `get ${name}: no such volume`)
    return volume
  }

  const remove: Volumes['remove'] = async (name, { force = false } = {}) => {
    if (force && !volumes.has(name)) return
    const volume = get(name)
    assertUnused(volume)
    // All of it before the first await: whoever makes a volume of that name meanwhile gets a new one.
    const aside = folders.setAside(name)
    records.remove(name)
    volumes.delete(name)
    emit({ action: 'destroy', volume })
    if (aside !== undefined) await folders.discard(aside)
  }

  function assertUnused({ name, mountpoint }: Volume): void {
    const containers = users.usersOf(name)
    if (containers.length > 0) {
      throw failure('conflict', `remove ${name}: volume is in use - [${containers.join(', ')}]`)
    }
    const mounted = listMounts().find(({ target }) => target === mountpoint || target.startsWith(`${mountpoint}/`))
    // Deleting would go through the mount into somebody else's files.
    if (mounted) throw failure('conflict', `remove ${name}: volume has active mounts - [${mounted.target}]`)
  }

  const prune: Volumes['prune'] = async ({ all, labels = [], notLabels = [] }) => {
    const removed: string[] = []
    let bytes = 0
    for (const { name, labels: own, mountpoint } of [...volumes.values()]) {
      if (!all && !(ANONYMOUS_LABEL in own)) continue
      if (!labels.every((label) => hasLabel(own, label)) || notLabels.some((label) => hasLabel(own, label))) continue
      if (users.usersOf(name).length > 0) continue
      const size = await folderSize(mountpoint)
      if (!(await removeQuietly(name))) continue
      removed.push(name)
      bytes += size
    }
    return { removed, bytes }
  }

  /** False when somebody began to use the volume, or removed it, while its size was taken. */
  async function removeQuietly(name: string): Promise<boolean> {
    try {
      await remove(name)
      return true
    } catch (error) {
      if (isKind(error, 'conflict') || isKind(error, 'not-found')) return false
      throw error
    }
  }

  return {
    list: () => [...volumes.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1)),
    find: (name) => volumes.get(name),
    get,
    create,
    remove,
    prune,
  }
}

function describe({
  name,
  created,
  labels = {},
  anonymous = false,
}: Pick<VolumeRecord, 'name' | 'created'> & Partial<VolumeRecord>): VolumeRecord {
  const marked = anonymous ? { ...labels, [ANONYMOUS_LABEL]: '' } : labels
  return { name, driver: 'local', created, labels: marked, options: {}, anonymous }
}

/** `key` or `key=value`. */
function hasLabel(labels: Readonly<Record<string, string>>, wanted: string): boolean {
  const [key = '', ...value] = wanted.split('=')
  return Object.hasOwn(labels, key) && (value.length === 0 || labels[key] === value.join('='))
}
