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
export {
  CONFIG_LIMIT,
  type ExecutionConfig,
  type HealthConfig,
  type HistoryEntry,
  type ImageConfig,
  parseImageConfig,
} from './image-config.ts'
export {
  type Index,
  isIndexType,
  isManifestType,
  MANIFEST_LIMIT,
  type Manifest,
  parseIndex,
  parseManifest,
} from './manifest.ts'
export { selectManifest } from './manifest-selection.ts'
export {
  formatPlatform,
  hostPlatform,
  matchPlatform,
  normalizePlatform,
  type Platform,
  parsePlatform,
} from './platform.ts'
export {
  familiarName,
  formatReference,
  parseReference,
  type Reference,
  withDefaultTag,
} from './reference.ts'
export { createReferenceMatcher } from './reference-pattern.ts'
export type {
  IdMapping,
  NamespaceType,
  RuntimeDevice,
  RuntimeLinux,
  RuntimeMount,
  RuntimeProcess,
  RuntimeResources,
  RuntimeSpec,
  SeccompSpec,
  ThrottleDevice,
} from './runtime-spec.ts'
