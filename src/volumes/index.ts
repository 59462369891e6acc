export type { Volume, VolumeEvent, Volumes, VolumeUsers } from './contract.ts'
export { createVolumes, type VolumesOptions } from './volumes.ts'
