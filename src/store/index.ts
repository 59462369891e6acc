export { COMPRESSIONS, type Compression, detectCompression, type Inflated } from './compression.ts'
export type {
  Blobs,
  Layer,
  Layers,
  Leases,
  PackOptions,
  Snapshot,
  Snapshots,
  Store,
  TarEntry,
  Trees,
  UnpackOptions,
} from './contract.ts'
export { decompress } from './external-filter.ts'
export { createStore, type StoreOptions } from './store.ts'
export { decodeName, encodeName, hostPath, memberPath } from './tar/name.ts'
export { readTar, type TarMember } from './tar/reader.ts'
export { type TarSource, writeTar } from './tar/writer.ts'
