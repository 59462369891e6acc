import { failure } from '../../../base/index.ts'
import { adapted, int, int64, list, text } from '../json/codec.ts'
import { field, record } from '../json/record.ts'

interface DeviceRequest {
  readonly driver: string
  readonly capabilities: readonly (readonly string[])[]
}

/** Fields of HostConfig that mean something to Docker and are refused here. */
export interface ForeignFields {
  readonly deviceRequests: readonly DeviceRequest[]
  readonly cgroup: string
  readonly realtimePeriod: number
  readonly realtimeRuntime: number
  readonly maximumBandwidth: number
  readonly maximumOperations: number
  readonly cpuCount: number
  readonly cpuPercent: number
  readonly kernelMemoryTcp: number
  readonly weightDevices: number
  readonly readRates: number
  readonly writeRates: number
  readonly readOperations: number
  readonly writeOperations: number
}

const deviceRequest = record<DeviceRequest>('container.DeviceRequest', {
  driver: field('Driver', text, ''),
  capabilities: field('Capabilities', list(list(text)), []),
})

/** How many entries a list has. */
const count = adapted(list(record('blkiodev.ThrottleDevice', {})), {
  decode: (entries) => entries.length,
  encode: () => [],
})

export const foreignFields = record<ForeignFields>('container.HostConfig', {
  deviceRequests: field('DeviceRequests', list(deviceRequest), []),
  cgroup: field('Cgroup', text, ''),
  realtimePeriod: field('CpuRealtimePeriod', int64, 0),
  realtimeRuntime: field('CpuRealtimeRuntime', int64, 0),
  maximumBandwidth: field('IOMaximumBandwidth', int64, 0),
  maximumOperations: field('IOMaximumIOps', int64, 0),
  cpuCount: field('CpuCount', int, 0),
  cpuPercent: field('CpuPercent', int, 0),
  kernelMemoryTcp: field('KernelMemoryTCP', int64, 0),
  weightDevices: field('BlkioWeightDevice', count, 0),
  readRates: field('BlkioDeviceReadBps', count, 0),
  writeRates: field('BlkioDeviceWriteBps', count, 0),
  readOperations: field('BlkioDeviceReadIOps', count, 0),
  writeOperations: field('BlkioDeviceWriteIOps', count, 0),
})

const REALTIME = 'kernel does not support CPU real-time scheduler'

/** Why each is refused when it is set. */
const REASONS: Readonly<Record<Exclude<keyof ForeignFields, 'deviceRequests'>, string>> = {
  cgroup: 'HostConfig.Cgroup is not supported',
  realtimePeriod: REALTIME,
  realtimeRuntime: REALTIME,
  maximumBandwidth: 'invalid option: QoS maximum bandwidth configuration is not supported on linux',
  maximumOperations: 'invalid option: QoS maximum IOPs configuration is not supported on linux',
  cpuCount: 'invalid option: CPU count is not supported on linux',
  cpuPercent: 'invalid option: CPU percent is not supported on linux',
  kernelMemoryTcp: 'kernel memory TCP limit is not supported',
  weightDevices: 'HostConfig.BlkioWeightDevice is not supported',
  readRates: 'HostConfig.BlkioDeviceReadBps is not supported',
  writeRates: 'HostConfig.BlkioDeviceWriteBps is not supported',
  readOperations: 'HostConfig.BlkioDeviceReadIOps is not supported',
  writeOperations: 'HostConfig.BlkioDeviceWriteIOps is not supported',
}

/** `invalid` naming the first field that is set. */
export function refuseForeignFields(fields: ForeignFields): void {
  for (const { driver, capabilities } of fields.deviceRequests) {
    const wanted = `[${capabilities.map((all) => `[${all.join(' ')}]`).join(' ')}]`
    throw failure('invalid', `could not select device driver ${JSON.stringify(driver)} with capabilities: ${wanted}`)
  }
  for (const [name, reason] of Object.entries(REASONS) as [keyof typeof REASONS, string][]) {
    if (fields[name]) throw failure('invalid', reason)
  }
}
