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
