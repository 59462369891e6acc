import { failure } from '../../base/index.ts'

/** One image of `manifest.json`, the table of contents of `docker save`. Paths are names in the archive. */
export interface DockerManifestItem {
  readonly Config: string
  readonly RepoTags: readonly string[]
  readonly Layers: readonly string[]
  /** Image id. */
  readonly Parent?: string
}

export const DOCKER_MANIFEST_LIMIT = 8 << 20
const ITEM_LIMIT = 10_000
const LAYER_LIMIT = 10_000

/** Reads `manifest.json`. `invalid` with the first thing that is wrong in it. */
export function parseDockerManifest(bytes: Uint8Array): readonly DockerManifestItem[] {
  const value = parseJson(bytes)
  if (value === null) throw failure('invalid', 'invalid manifest, manifest cannot be null (but can be [])')
  if (!Array.isArray(value)) throw invalid('want a list')
  if (value.length > ITEM_LIMIT) throw invalid(`${value.length} images, at most ${ITEM_LIMIT} are accepted`)
  return value.map(parseItem)
}

function parseItem(value: unknown, index: number): DockerManifestItem {
  if (typeof value !== 'object' || value === null) throw invalid(`image ${index}: want an object`)
  const { Config, RepoTags, Layers, Parent } = value as Record<string, unknown>
  if (typeof Config !== 'string' || Config === '') throw invalid(`image ${index}: Config is missing`)
  const layers = parseTexts(Layers, `image ${index}: Layers`)
  if (layers.length > LAYER_LIMIT) throw invalid(`image ${index}: ${layers.length} layers`)
  return {
    Config,
    RepoTags: parseTexts(RepoTags, `image ${index}: RepoTags`),
    Layers: layers,
    ...(typeof Parent === 'string' && { Parent }),
  }
}

function parseTexts(value: unknown, name: string): readonly string[] {
  if (value === undefined || value === null) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw invalid(`${name}: want a list of strings`)
}

function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch (cause) {
    throw failure('invalid', 'invalid manifest.json: not JSON in UTF-8', { cause })
  }
}

function invalid(reason: string): Error {
  return failure('invalid', `invalid manifest.json: ${reason}`)
}
