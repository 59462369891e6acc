import type { Timestamp } from '../base/index.ts'

export interface Volume {
  readonly name: string
  readonly driver: 'local'
  readonly created: Timestamp
  readonly labels: Readonly<Record<string, string>>
  readonly options: Readonly<Record<string, string>>
  readonly mountpoint: string
  readonly anonymous: boolean
}

export interface VolumeEvent {
  readonly action: 'create' | 'destroy'
  readonly volume: Volume
}

/** Who uses a volume: given by the composition root, answered by containers. */
export interface VolumeUsers {
  usersOf(name: string): readonly string[]
}

export interface Volumes {
  list(): readonly Volume[]
  find(name: string): Volume | undefined
  /** `not-found`: `get x: no such volume`. */
  get(name: string): Volume
  /** Idempotent for an existing name. Without a name an anonymous one is made. `invalid` for a bad name. */
  create(options: {
    readonly name?: string
    readonly labels?: Readonly<Record<string, string>>
    readonly options?: Readonly<Record<string, string>>
    /** Made for a container without a name being asked for: goes with `rm -v`. */
    readonly anonymous?: boolean
  }): Volume
  /** `conflict` naming the containers when in use; `not-found` unless `force`. */
  remove(name: string, options?: { readonly force?: boolean }): Promise<void>
  prune(filter: {
    readonly all: boolean
    readonly labels?: readonly string[]
    readonly notLabels?: readonly string[]
  }): Promise<{ readonly removed: readonly string[]; readonly bytes: number }>
}
