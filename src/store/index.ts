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
export { decodeName, encodeName, hostPath, memberPath } from './tar/name.ts'
export { readTar, type TarMember } from './tar/reader.ts'
export { type TarSource, writeTar } from './tar/writer.ts'
