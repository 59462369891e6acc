import { failure } from '../../base/index.ts'
import {
  CONFIG_LIMIT,
  type Descriptor,
  type Digest,
  formatPlatform,
  type ImageConfig,
  matchPlatform,
  type Platform,
  parseImageConfig,
  parseReference,
  type Reference,
} from '../../oci/index.ts'
import { DOCKER_MANIFEST_LIMIT, type DockerManifestItem, parseDockerManifest } from './docker-manifest.ts'
import { findEntries, type LayoutEntry, layoutContent, layoutPath, selectEntries } from './layout.ts'
import type { Content, Members } from './members.ts'

/** An image as an archive has it: all its parts are there, nothing is unpacked yet. */
export interface ArchivedImage {
  readonly config: ImageConfig
  /** Its digest is the image's id. */
  readonly configContent: Content
  /** Bottom first, one for each diff id; whether they hold what the diff ids say shows when they are unpacked. */
  readonly layers: readonly Content[]
  /** The archive's own manifest for exactly this configuration and these layers. */
  readonly manifest?: { readonly digest: Digest; readonly mediaType: string } | undefined
  readonly tags: readonly Reference[]
  /** Id of another image. */
  readonly parent?: string | undefined
}

/**
 * The images of an archive that suit the platform. `manifest.json` (docker-archive) says which when it is there, and then
 * `index.json` (OCI layout) only lends its manifests; else the index says. All are checked before the first is given.
 * `invalid` when something is missing or contradicts itself, `not-found` when nothing suits the platform.
 */
export function findImages(members: Members, platform: Platform | undefined): readonly ArchivedImage[] {
  const images = openAll(members, platform)
  const suiting = images.filter(({ config }) => !platform || matchPlatform(platform, config))
  if (platform && suiting.length === 0) {
    throw failure('not-found', `no images providing the requested platform ${formatPlatform(platform)} found`)
  }
  const foreign = suiting.find(({ config }) => config.os.toLowerCase() !== 'linux')
  if (foreign) throw failure('invalid', `cannot load ${foreign.config.os} image on linux`)
  return suiting
}

function openAll(members: Members, platform: Platform | undefined): readonly ArchivedImage[] {
  if (members.has('manifest.json')) {
    const items = parseDockerManifest(members.read('manifest.json', DOCKER_MANIFEST_LIMIT))
    const entries = members.has('index.json') ? findEntries(members) : []
    return items.map((item) => openItem(members, { item, entries }))
  }
  if (members.has('index.json')) {
    return selectEntries(members, platform).map((entry) => openEntry(members, entry))
  }
  const legacy = members.has('repositories') ? ' (archives of Docker before 1.10 are not supported)' : ''
  throw failure('invalid', `invalid archive: neither manifest.json nor index.json found${legacy}`)
}

function openItem(
  members: Members,
  { item, entries }: { readonly item: DockerManifestItem; readonly entries: readonly LayoutEntry[] },
): ArchivedImage {
  const config = readConfig(members, { name: item.Config, layers: item.Layers.length })
  const configContent = members.content(item.Config)
  const layers = item.Layers.map((name) => members.content(name))
  const contents = [configContent, ...layers]
  const own = entries.find(({ manifest }) => {
    const named = [manifest.config, ...manifest.layers]
    return named.length === contents.length && named.every((one, at) => isSame(one, contents[at]))
  })
  return {
    config,
    configContent,
    layers,
    manifest: own && manifestOf(own, members),
    tags: item.RepoTags.map(parseRepoTag),
    parent: item.Parent,
  }
}

function openEntry(members: Members, entry: LayoutEntry): ArchivedImage {
  const { manifest, tag } = entry
  const name = layoutPath(manifest.config.digest)
  return {
    configContent: layoutContent(members, manifest.config),
    config: readConfig(members, { name, layers: manifest.layers.length }),
    layers: manifest.layers.map((layer) => layoutContent(members, layer)),
    manifest: manifestOf(entry, members),
    tags: tag ? [tag] : [],
  }
}

function readConfig(
  members: Members,
  { name, layers }: { readonly name: string; readonly layers: number },
): ImageConfig {
  const config = parseImageConfig(members.read(name, CONFIG_LIMIT))
  const told = config.rootfs.diff_ids.length
  if (layers === told) return config
  throw failure('invalid', `invalid manifest, layers length mismatch: expected ${layers}, got ${told}`)
}

function manifestOf({ descriptor, manifest }: LayoutEntry, members: Members): ArchivedImage['manifest'] {
  const { digest } = layoutContent(members, descriptor)
  return { digest, mediaType: manifest.mediaType ?? descriptor.mediaType }
}

function isSame(descriptor: Descriptor, content: Content | undefined): boolean {
  return descriptor.digest === content?.digest && descriptor.size === content.size
}

function parseRepoTag(text: string): Reference {
  const reference = parseReference(text)
  if (reference.tag === undefined || reference.digest !== undefined) {
    throw failure('invalid', `invalid tag ${JSON.stringify(text)}`)
  }
  return reference
}
