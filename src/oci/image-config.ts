import type { Digest } from './digest.ts'
import {
  digestText,
  flag,
  integer,
  listOf,
  mapOf,
  objectOf,
  oneOf,
  readDocument,
  type Shape,
  text,
} from './json-shape.ts'

/** Docker's HEALTHCHECK; durations in nanoseconds. */
export interface HealthConfig {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

/** What a container of the image runs by default: image-spec config.md with Docker's additions. */
export interface ExecutionConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, Record<string, never>>>
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>>
  readonly StopSignal?: string
  readonly StopTimeout?: number
  readonly ArgsEscaped?: boolean
  readonly Healthcheck?: HealthConfig
  readonly OnBuild?: readonly string[] | null
  readonly Shell?: readonly string[]
}

export interface HistoryEntry {
  readonly created?: string
  readonly created_by?: string
  readonly author?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** The image configuration exactly as stored; its digest is the image id. */
export interface ImageConfig {
  readonly created?: string
  readonly author?: string
  readonly architecture: string
  readonly variant?: string
  readonly os: string
  readonly 'os.version'?: string
  readonly config?: ExecutionConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history?: readonly HistoryEntry[]
  readonly comment?: string
}

/** Bytes of an image configuration that are read at most. */
export const CONFIG_LIMIT = 8 << 20

const words = listOf(text())
/** As many as there are ports of the three protocols. */
const flags = mapOf(objectOf<Record<string, never>>({}), 3 * 65_536)
const nanoseconds = integer(0)

const healthShape = objectOf<HealthConfig>({
  Test: words,
  Interval: nanoseconds,
  Timeout: nanoseconds,
  StartPeriod: nanoseconds,
  StartInterval: nanoseconds,
  Retries: integer(0),
})

const executionShape: Shape<ExecutionConfig> = objectOf<ExecutionConfig>({
  User: text(),
  ExposedPorts: flags,
  Env: words,
  Entrypoint: words,
  Cmd: words,
  Volumes: flags,
  WorkingDir: text(),
  Labels: mapOf(text({ nul: true })),
  StopSignal: text({ max: 64 }),
  StopTimeout: integer(Number.MIN_SAFE_INTEGER),
  ArgsEscaped: flag,
  Healthcheck: healthShape,
  OnBuild: words,
  Shell: words,
})

const historyShape = objectOf<HistoryEntry>({
  created: text({ max: 256 }),
  created_by: text({ nul: true }),
  author: text({ nul: true }),
  comment: text({ nul: true }),
  empty_layer: flag,
})

const configShape = objectOf<ImageConfig>(
  {
    created: text({ max: 256 }),
    author: text({ nul: true }),
    architecture: text({ max: 256 }),
    variant: text({ max: 256 }),
    os: text({ max: 256 }),
    'os.version': text({ max: 256 }),
    config: executionShape,
    rootfs: objectOf<ImageConfig['rootfs']>({ type: oneOf('layers'), diff_ids: listOf(digestText) }, ['type']),
    history: listOf(historyShape),
    comment: text({ nul: true }),
  },
  ['architecture', 'os', 'rootfs'],
)

/**
 * Reads an image configuration: known fields only, `null` as absent, no layers as an empty list. `invalid` with
 * everything wrong in it.
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const config = readDocument(bytes, { name: 'image configuration', limit: CONFIG_LIMIT, shape: configShape })
  return { ...config, rootfs: { type: 'layers', diff_ids: config.rootfs.diff_ids ?? [] } }
}
