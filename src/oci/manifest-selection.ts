import { failure } from '../base/index.ts'
import type { Descriptor } from './descriptor.ts'
import type { Index } from './manifest.ts'
import { formatPlatform, type Platform, platformDistance } from './platform.ts'

/**
 * The entry of an index that suits the platform best: the same variant before lesser ones, earlier entries before later
 * ones; entries without a platform only when nothing else suits, build attestations never. `not-found` with Docker's
 * text when there is none.
 */
export function selectManifest(index: Index, wanted: Platform): Descriptor {
  let best: { readonly entry: Descriptor; readonly distance: number } | undefined
  for (const entry of index.manifests) {
    if (entry.annotations?.['vnd.docker.reference.type'] === 'attestation-manifest') continue
    const found = entry.platform === undefined ? Number.MAX_VALUE : platformDistance(wanted, entry.platform)
    if (found !== undefined && (best === undefined || found < best.distance)) best = { entry, distance: found }
  }
  if (best) return best.entry
  throw failure('not-found', `no matching manifest for ${formatPlatform(wanted)} in the manifest list entries`)
}
