import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure, hasCode, messageOf } from '../../base/index.ts'
import { splitDevice } from '../../kernel/index.ts'
import type { RuntimeDevice, RuntimeResources } from '../../oci/index.ts'
import type { SpecInput } from './spec-input.ts'

export type DeviceRule = NonNullable<RuntimeResources['devices']>[number]

export interface DeviceAccess {
  readonly devices: readonly RuntimeDevice[]
  /** In the order in which they apply; the runtime adds those of the standard devices. */
  readonly rules: readonly DeviceRule[]
}

/**
 * What a container sees in /dev beyond the standard devices, and what it may do with device nodes. `invalid` with
 * Docker's text for a path that is no device and for a malformed rule.
 */
export function resolveDevices(input: Pick<SpecInput, 'privileged' | 'devices' | 'deviceCgroupRules'>): DeviceAccess {
  if (input.privileged) return { devices: hostDevices('/dev'), rules: [{ allow: true, access: 'rwm' }] }
  const mapped = input.devices.map(mapDevice)
  return {
    devices: mapped.flatMap(({ devices }) => devices),
    rules: [
      { allow: false, access: 'rwm' },
      ...mapped.flatMap(({ rules }) => rules),
      ...input.deviceCgroupRules.map(parseDeviceRule),
    ],
  }
}

const RULE = /^([acb]) ([0-9]+|\*):([0-9]+|\*) ([rwm]{1,3})$/

function parseDeviceRule(text: string): DeviceRule {
  const [, type, major, minor, access] = RULE.exec(text) ?? []
  if (!access) throw failure('invalid', `invalid device cgroup rule format: '${text}'`)
  return {
    allow: true,
    type: type as 'a' | 'c' | 'b',
    ...(major === '*' ? {} : { major: Number(major) }),
    ...(minor === '*' ? {} : { minor: Number(minor) }),
    access,
  }
}

/** A device file, a link to one, or a folder of them, which keeps its shape below `containerPath`. */
function mapDevice({ hostPath, containerPath, permissions }: SpecInput['devices'][number]): DeviceAccess {
  const found = findDevices(hostPath)
  if (found.length === 0) throw noDevice(hostPath, 'no such device')
  const devices = found.map(({ device, below }) => ({
    ...device,
    path: below === '' ? containerPath : join(containerPath, below),
  }))
  const access = permissions === '' ? 'rwm' : permissions
  return {
    devices,
    rules: devices.map(({ type, major, minor }) => ({ allow: true, type: type as 'b' | 'c', major, minor, access })),
  }
}

function findDevices(hostPath: string): readonly { device: RuntimeDevice; below: string }[] {
  try {
    const path = realpathSync(hostPath)
    const stats = statSync(path)
    if (!stats.isDirectory()) {
      const device = deviceOf(path, stats)
      return device ? [{ device, below: '' }] : []
    }
    return hostDevices(path).map((device) => ({ device, below: device.path.slice(path.length + 1) }))
  } catch (error) {
    if (!hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'EACCES')) throw error
    throw noDevice(hostPath, hasCode(error, 'ENOENT') ? 'no such file or directory' : messageOf(error))
  }
}

function noDevice(path: string, reason: string): Error {
  return failure('invalid', `error gathering device information while adding custom device "${path}": ${reason}`)
}

/** Folders of /dev that are mounts of their own in every container, or none of devices. */
const OWN_MOUNTS = new Set(['pts', 'shm', 'fd', 'mqueue', '.lxc', '.lxd-mounts', '.udev'])

function hostDevices(folder: string): readonly RuntimeDevice[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name)
    if (entry.isDirectory()) return OWN_MOUNTS.has(entry.name) ? [] : hostDevices(path)
    if (entry.name === 'console' || !(entry.isCharacterDevice() || entry.isBlockDevice())) return []
    const stats = lstatSync(path, { throwIfNoEntry: false })
    const device = stats && deviceOf(path, stats)
    return device ? [device] : []
  })
}

function deviceOf(path: string, stats: Stats): RuntimeDevice | undefined {
  if (!stats.isCharacterDevice() && !stats.isBlockDevice()) return undefined
  const type = stats.isBlockDevice() ? 'b' : 'c'
  return { type, path, ...splitDevice(stats.rdev), fileMode: stats.mode & 0o777, uid: stats.uid, gid: stats.gid }
}
