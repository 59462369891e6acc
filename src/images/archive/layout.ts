import { failure, isKind } from '../../base/index.ts'
import {
  type Descriptor,
  type Digest,
  hexOf,
  hostPlatform,
  type Index,
  isIndexType,
  isManifestType,
  MANIFEST_LIMIT,
  type Manifest,
  type Platform,
  parseIndex,
  parseManifest,
  parseReference,
  type Reference,
  selectManifest,
} from '../../oci/index.ts'
import type { Content, Members } from './members.ts'

/** A manifest of an OCI layout, with the name that the index gives it. */
export interface LayoutEntry {
  readonly descriptor: Descriptor
  readonly manifest: Manifest
  readonly tag: Reference | undefined
}

/** containerd writes the whole name; the OCI layout itself knows only a tag, which skopeo fills with a whole name too. */
const NAME_ANNOTATIONS = ['io.containerd.image.name', 'org.opencontainers.image.ref.name']

const DEPTH_LIMIT = 4

/**
 * One manifest for each image of `index.json`: of an image for several platforms the one that suits `platform`, by
 * default the host's, else the first that is there. Images that do not suit a platform that was asked for are left out.
 * `invalid` or `corrupt` when the layout is not whole.
 */
export function selectEntries(members: Members, platform: Platform | undefined): readonly LayoutEntry[] {
  const index = parseIndex(members.read('index.json', MANIFEST_LIMIT))
  const images = Map.groupBy(index.manifests.filter(isImage), (descriptor) => nameOf(descriptor) ?? descriptor)
  return [...images.values()].flatMap((manifests) => {
    const descriptor = descend(members, { index: { schemaVersion: 2, manifests }, platform })
    if (!descriptor) return []
    if (!isManifestType(descriptor.mediaType)) {
      throw failure('unsupported', `invalid archive: ${JSON.stringify(descriptor.mediaType)} is not an image`)
    }
    return [openEntry(members, { descriptor, tag: manifests[0] && parseTag(manifests[0]) })]
  })
}

/** All manifests that `index.json` leads to and that can be read. */
export function findEntries(members: Members): readonly LayoutEntry[] {
  const entries: LayoutEntry[] = []
  const seen = new Set<Digest>()
  const visit = (index: Index, depth: number): void => {
    for (const descriptor of index.manifests) {
      if (seen.has(descriptor.digest)) continue
      seen.add(descriptor.digest)
      attempt(() => {
        if (isManifestType(descriptor.mediaType)) entries.push(openEntry(members, { descriptor, tag: undefined }))
        else if (isIndexType(descriptor.mediaType) && depth < DEPTH_LIMIT)
          visit(readIndex(members, descriptor), depth + 1)
      })
    }
  }
  attempt(() => visit(parseIndex(members.read('index.json', MANIFEST_LIMIT)), 0))
  return entries
}

/** The content of a descriptor. `corrupt` when something else lies in its place. */
export function layoutContent(members: Members, { digest, size }: Descriptor): Content {
  const name = layoutPath(digest)
  const content = members.content(name)
  if (content.digest !== digest) throw failure('corrupt', `invalid archive: ${name} has digest ${content.digest}`)
  if (content.size === size) return content
  throw failure('invalid', `invalid archive: ${name} has ${content.size} bytes, its descriptor says ${size}`)
}

export function layoutPath(digest: Digest): string {
  return `blobs/sha256/${hexOf(digest)}`
}

function descend(
  members: Members,
  { index, platform }: { readonly index: Index; readonly platform: Platform | undefined },
): Descriptor | undefined {
  let choice = choose(members, { index, platform })
  for (let depth = 0; choice && isIndexType(choice.mediaType); depth += 1) {
    if (depth === DEPTH_LIMIT)
      throw failure('invalid', `invalid archive: indexes are nested more than ${DEPTH_LIMIT} deep`)
    choice = choose(members, { index: readIndex(members, choice), platform })
  }
  return choice
}

/** An archive for one platform may keep the index for all of them: only what is there can be chosen. */
function choose(
  members: Members,
  { index, platform }: { readonly index: Index; readonly platform: Platform | undefined },
): Descriptor | undefined {
  const manifests = index.manifests.filter(isImage)
  const present = manifests.filter(({ digest }) => members.has(layoutPath(digest)))
  const [first] = present.length > 0 ? present : manifests
  if (!first || index.manifests.length === 1) return first
  try {
    return selectManifest({ ...index, manifests: present }, platform ?? hostPlatform())
  } catch (error) {
    if (!isKind(error, 'not-found')) throw error
    return platform ? undefined : first
  }
}

function openEntry(
  members: Members,
  { descriptor, tag }: { readonly descriptor: Descriptor; readonly tag: Reference | undefined },
): LayoutEntry {
  layoutContent(members, descriptor)
  return { descriptor, manifest: parseManifest(members.read(layoutPath(descriptor.digest), MANIFEST_LIMIT)), tag }
}

function readIndex(members: Members, descriptor: Descriptor): Index {
  layoutContent(members, descriptor)
  return parseIndex(members.read(layoutPath(descriptor.digest), MANIFEST_LIMIT))
}

function isImage({ annotations, platform }: Descriptor): boolean {
  return annotations?.['vnd.docker.reference.type'] === undefined && platform?.os !== 'unknown'
}

function nameOf({ annotations }: Descriptor): string | undefined {
  return NAME_ANNOTATIONS.map((key) => annotations?.[key]).find((name) => name !== undefined && /[/:]/.test(name))
}

/** A name that is none is as good as no name. */
function parseTag(descriptor: Descriptor): Reference | undefined {
  const name = nameOf(descriptor)
  if (name === undefined) return undefined
  const reference = attempt(() => parseReference(name))
  return reference?.tag !== undefined && reference.digest === undefined ? reference : undefined
}

/** undefined for what the archive has wrong. */
function attempt<T>(work: () => T): T | undefined {
  try {
    return work()
  } catch (error) {
    if (isKind(error, 'invalid') || isKind(error, 'corrupt')) return undefined
    throw error
  }
}
