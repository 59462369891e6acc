export interface OverlayOptions {
  /** Topmost first, at least one, at most 500. Any character but NUL is allowed in the paths. */
  readonly lower: readonly string[]
  /** With `work` on the same filesystem. Without both the mount is read-only. */
  readonly upper?: string
  readonly work?: string
  readonly target: string
  /** No syncs at all: only for writable layers that are thrown away. */
  readonly volatile?: boolean
  /** Further overlay options such as `metacopy=on`. */
  readonly options?: readonly string[]
}

/**
 * Mounts an overlay on `target`. A single lower folder without an upper is bound read-only instead. Removes the mark
 * that an earlier `volatile` mount of the same upper has left. Nothing is left mounted when it fails.
 */
export declare function mountOverlay(options: OverlayOptions): void
