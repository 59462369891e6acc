import { type Clock, failure, formatTimestamp } from '../base/index.ts'
import { hostPlatform, parseReference } from '../oci/index.ts'
import type { Store } from '../store/index.ts'
import { applyChanges } from './changes/apply-changes.ts'
import type { Image, ImportOptions } from './contract.ts'
import { identifyLayer } from './layer-content.ts'
import { parseTag, type Registration } from './registration.ts'

/**
 * One tar becomes an image of one layer; its configuration comes from the changes alone. Everything that is wrong with
 * the options is found before the first byte is read. What a failed import leaves in the store is garbage.
 */
export async function importImage(
  source: AsyncIterable<Uint8Array>,
  options: ImportOptions & {
    readonly parts: { readonly store: Store; readonly registration: Registration; readonly clock: Clock }
  },
): Promise<Image> {
  const { reference, message = 'Imported from -', changes = [], platform = hostPlatform(), signal } = options
  const { store, registration, clock } = options.parts
  if (reference !== undefined && parseReference(reference).digest !== undefined) {
    throw failure('invalid', 'cannot import digest reference')
  }
  if (reference !== undefined) parseTag(reference)
  if (platform.os.toLowerCase() !== 'linux') throw failure('invalid', 'operating system is not supported')
  const config = applyChanges({}, changes)

  using _lease = store.leases.hold()
  const content = await store.blobs.ingest(source, { signal })
  const layer = await store.layers.unpack(await identifyLayer(content, { store, signal }), { signal })
  const created = formatTimestamp(clock.now())
  return registration.compose({
    config: {
      created,
      architecture: platform.architecture,
      ...(platform.variant !== undefined && { variant: platform.variant }),
      os: platform.os,
      config,
      history: [{ created, comment: message }],
      comment: message,
    },
    chainId: layer.chainId,
    ...(reference !== undefined && { reference }),
  })
}
