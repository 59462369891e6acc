export { type Descriptor, MEDIA_TYPES } from './descriptor.ts'
export {
  type ChainId,
  chainIdOf,
  chainIdsOf,
  type Digest,
  digestFromHex,
  digestOf,
  hexOf,
  isDigest,
  parseDigest,
} from './digest.ts'
export type { ExecutionConfig, HealthConfig, HistoryEntry, ImageConfig } from './image-config.ts'
export type { Index, Manifest } from './manifest.ts'
export type { Platform } from './platform.ts'
export type { Reference } from './reference.ts'
export {
  type IdMapping,
  NAMESPACE_TYPES,
  type NamespaceType,
  type RuntimeDevice,
  type RuntimeLinux,
  type RuntimeMount,
  type RuntimeProcess,
  type RuntimeResources,
  type RuntimeSpec,
  type SeccompSpec,
  type ThrottleDevice,
} from './runtime-spec.ts'
