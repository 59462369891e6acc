import { failure, isKind, messageOf } from '../../base/index.ts'
import type { Volume, Volumes } from '../../volumes/index.ts'
import type { ContainerConfig, HostConfig, MountPoint } from '../contract.ts'
import type { ContainerRecord } from '../record.ts'
import { cleanPath, type MountPlan, parseBind, parseVolumesFrom, readMount } from './mount-spec.ts'

export interface MountSources {
  readonly volumes: Volumes
  readonly findContainer: (name: string) => ContainerRecord
}

/**
 * Everything that is mounted into a container, volumes being made where they are missing: mounts of other containers,
 * then `-v`, then `--mount`, then anonymous volumes where nothing else is. Whatever can be refused is refused before a
 * volume is made; when making one fails, those made before it are removed again.
 */
export function resolveMountPoints(
  { config, host }: { readonly config: ContainerConfig; readonly host: HostConfig },
  { volumes, findContainer }: MountSources,
): { readonly mounts: readonly MountPoint[]; readonly createdVolumes: readonly string[] } {
  const inherited = host.volumesFrom.flatMap((text) => inheritMounts(text, findContainer))
  const plans = planMounts(host)
  const taken = new Set([...inherited, ...plans].map(({ destination }) => destination))
  for (const destination of Object.keys(host.tmpfs)) taken.add(cleanPath(destination))
  const anonymous = config.volumes.map(anonymousPlan).filter(({ destination }) => !taken.has(destination))

  const maker = createVolumeMaker(volumes, host.volumeDriver)
  const points = new Map(inherited.map((point) => [point.destination, point]))
  try {
    for (const plan of plans) points.set(plan.destination, mountPointOf(plan, { maker, defaultMode: 'z' }))
    for (const plan of anonymous) points.set(plan.destination, mountPointOf(plan, { maker, defaultMode: '' }))
  } catch (error) {
    for (const name of maker.created) volumes.remove(name, { force: true }).catch(() => {})
    throw error
  }
  return { mounts: Array.from(points.values()), createdVolumes: maker.created }
}

function planMounts({ binds, mounts, tmpfs }: HostConfig): readonly MountPlan[] {
  const taken = new Set(Object.keys(tmpfs).map(cleanPath))
  const plans = [...binds.map(parseBind), ...mounts.map(readMount)]
  for (const { destination } of plans) {
    if (taken.has(destination)) throw failure('invalid', `Duplicate mount point: ${destination}`)
    taken.add(destination)
  }
  return plans
}

function anonymousPlan(path: string): MountPlan {
  const destination = cleanPath(path)
  if (destination === '/') throw failure('invalid', "invalid specification: destination can't be '/'")
  return { type: 'volume', source: '', destination, mode: '', readWrite: true, propagation: '' }
}

/** The other container's mounts. A missing one is `invalid`: clients take `not-found` for a missing image. */
function inheritMounts(text: string, findContainer: MountSources['findContainer']): readonly MountPoint[] {
  const { container, readWrite } = parseVolumesFrom(text)
  return lookUp(container, findContainer).mounts.map((point) => ({
    ...point,
    mode: '',
    readWrite: point.readWrite && readWrite,
  }))
}

/** A container that a request names. `invalid` when it is not there. */
export function lookUp(name: string, findContainer: MountSources['findContainer']): ContainerRecord {
  try {
    return findContainer(name)
  } catch (cause) {
    throw isKind(cause, 'not-found') ? failure('invalid', messageOf(cause), { cause }) : cause
  }
}

interface VolumeMaker {
  /** Names of the volumes that were not there before. */
  readonly created: readonly string[]
  open(plan: MountPlan): Volume
}

function createVolumeMaker(volumes: Volumes, containerDriver: string): VolumeMaker {
  const created: string[] = []
  return {
    created,
    open({ source, volume }) {
      const driver = volume?.driver || containerDriver
      if (driver !== '' && driver !== 'local') {
        throw failure('invalid', `error looking up volume plugin ${driver}: plugin "${driver}" not found`)
      }
      const isNew = source === '' || volumes.find(source) === undefined
      const made = volumes.create({
        ...(source === '' ? { anonymous: true } : { name: source }),
        ...(volume ? { labels: volume.labels, options: volume.driverOptions } : {}),
      })
      if (isNew) created.push(made.name)
      return made
    },
  }
}

function mountPointOf(
  plan: MountPlan,
  { maker, defaultMode }: { readonly maker: VolumeMaker; readonly defaultMode: string },
): MountPoint {
  const { type, source, destination, mode, readWrite, propagation } = plan
  const common = { type, destination, readWrite, propagation }
  if (type !== 'volume') return { ...common, source, mode, anonymous: false }
  const { name, mountpoint, driver } = maker.open(plan)
  return { ...common, name, source: mountpoint, driver, mode: mode || defaultMode, anonymous: source === '' }
}
