import { formatTimestamp } from '../../../base/index.ts'
import type { Volume } from '../../../volumes/index.ts'
import type { Volume as WireVolume } from '../../types/index.ts'
import { map, text } from '../json/codec.ts'
import { field, record } from '../json/record.ts'

export interface VolumeBody {
  readonly name: string
  readonly driver: string
  readonly options: Readonly<Record<string, string>>
  readonly labels: Readonly<Record<string, string>>
}

/** Body of `POST /volumes/create`. */
export const volumeBody = record<VolumeBody>('volume.CreateOptions', {
  name: field('Name', text, ''),
  driver: field('Driver', text, ''),
  options: field('DriverOpts', map(text), {}),
  labels: field('Labels', map(text), {}),
})

export function encodeVolume(volume: Volume, usage?: WireVolume['UsageData']): WireVolume {
  const { name, driver, created, labels, options, mountpoint } = volume
  return {
    // Docker tells whole seconds here.
    CreatedAt: formatTimestamp(created - (created % 1_000_000_000n)),
    Driver: driver,
    Labels: Object.keys(labels).length > 0 ? labels : null,
    Mountpoint: mountpoint,
    Name: name,
    Options: Object.keys(options).length > 0 ? options : null,
    Scope: 'local',
    ...(usage && { UsageData: usage }),
  }
}
