import { failure } from '../../../base/index.ts'
import type { MountRequest } from '../../../containers/index.ts'
import { adapted, flag, int64, list, map, omitZero, text, uint32 } from '../json/codec.ts'
import { field, optional, record } from '../json/record.ts'

const TYPES: readonly MountRequest['type'][] = ['bind', 'volume', 'tmpfs', 'image']

const mountType = adapted<string, MountRequest['type']>(text, {
  decode(value) {
    const found = TYPES.find((type) => type === value)
    if (found) return found
    throw failure('invalid', `invalid mount config for type ${JSON.stringify(value)}: mount type unknown`)
  },
  encode: (value) => value,
})

const driverConfig = record<{ name: string; options: Readonly<Record<string, string>> }>('mount.Driver', {
  name: field('Name', omitZero(text), ''),
  options: field('Options', map(text, { empty: 'omit' }), {}),
})

type VolumeOptions = NonNullable<MountRequest['volume']>

const volumeOptions = adapted(
  record<Omit<VolumeOptions, 'driver' | 'driverOptions'> & { config?: { name: string; options: object } | undefined }>(
    'mount.VolumeOptions',
    {
      noCopy: field('NoCopy', omitZero(flag), false),
      labels: field('Labels', map(text, { empty: 'omit' }), {}),
      subpath: field('Subpath', omitZero(text), ''),
      config: optional('DriverConfig', driverConfig),
    },
  ),
  {
    decode: ({ config, ...options }): VolumeOptions => ({
      ...options,
      driver: config?.name ?? '',
      driverOptions: { ...config?.options },
    }),
    encode: ({ driver, driverOptions, ...options }) => ({
      ...options,
      ...((driver !== '' || Object.keys(driverOptions).length > 0) && {
        config: { name: driver, options: driverOptions },
      }),
    }),
  },
)

const bindOptions = record<NonNullable<MountRequest['bind']>>('mount.BindOptions', {
  propagation: field('Propagation', omitZero(text), ''),
  nonRecursive: field('NonRecursive', omitZero(flag), false),
  createMountpoint: field('CreateMountpoint', omitZero(flag), false),
  readOnlyNonRecursive: field('ReadOnlyNonRecursive', omitZero(flag), false),
  readOnlyForceRecursive: field('ReadOnlyForceRecursive', omitZero(flag), false),
})

const tmpfsOptions = record<NonNullable<MountRequest['tmpfs']>>('mount.TmpfsOptions', {
  sizeBytes: field('SizeBytes', omitZero(int64), 0),
  mode: field('Mode', omitZero(uint32), 0),
  options: field('Options', list(list(text), { empty: 'omit' }), []),
})

const imageOptions = record<NonNullable<MountRequest['image']>>('mount.ImageOptions', {
  subpath: field('Subpath', omitZero(text), ''),
})

/** One entry of HostConfig.Mounts, both ways. */
export const mount = record<MountRequest>('mount.Mount', {
  type: field('Type', mountType, 'bind'),
  source: field('Source', omitZero(text), ''),
  target: field('Target', omitZero(text), ''),
  readOnly: field('ReadOnly', omitZero(flag), false),
  consistency: field('Consistency', omitZero(text), ''),
  bind: optional('BindOptions', bindOptions),
  volume: optional('VolumeOptions', volumeOptions),
  tmpfs: optional('TmpfsOptions', tmpfsOptions),
  image: optional('ImageOptions', imageOptions),
})
