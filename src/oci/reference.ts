import type { Digest } from './digest.ts'

/**
 * A normalised image reference. `busybox` becomes domain `docker.io`, path `library/busybox`; `familiar` is the short
 * form that people see (`busybox`, `user/app`, `host:5000/a/b`).
 */
export interface Reference {
  readonly domain: string
  readonly path: string
  readonly familiar: string
  readonly tag?: string
  readonly digest?: Digest
}
