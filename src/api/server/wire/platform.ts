import { failure } from '../../../base/index.ts'
import { formatPlatform, matchPlatform, normalizePlatform, type Platform } from '../../../oci/index.ts'
import { decodeJson } from '../http/body.ts'
import { text } from '../json/codec.ts'
import { field, record } from '../json/record.ts'

const platform = record<{ os: string; architecture: string; variant: string }>('v1.Platform', {
  os: field('os', text, ''),
  architecture: field('architecture', text, ''),
  variant: field('variant', text, ''),
})

/** Reads a platform parameter in JSON, as load, save and inspect take it. `invalid` unless it names system and processor. */
export function readPlatform(value: string | undefined): Platform | undefined {
  if (value === undefined) return undefined
  const { os, architecture, variant } = decodeJson(platform, Buffer.from(value)) ?? {}
  if (!os || !architecture) throw failure('invalid', 'both OS and Architecture must be provided')
  return normalizePlatform({ os, architecture, ...(variant && { variant }) })
}

/** `not-found`, in Docker's words, when an image is for something else. */
export function checkPlatform(
  wanted: Platform | undefined,
  image: { readonly reference: string; readonly is: Platform },
) {
  if (wanted === undefined || matchPlatform(wanted, image.is)) return
  throw failure(
    'not-found',
    `image with reference ${image.reference} was found but its platform (${formatPlatform(image.is)}) does not match the specified platform (${formatPlatform(wanted)})`,
  )
}
