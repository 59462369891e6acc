export { applyChanges } from './changes/apply-changes.ts'
export type {
  Image,
  ImageEvent,
  ImageFilter,
  ImageId,
  Images,
  ImageUsers,
  ImportOptions,
  Progress,
  RemovedImage,
  TransferOptions,
} from './contract.ts'
export { createImages, type ImagesOptions } from './images.ts'
