import { closeSync, mkdirSync, openSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { failure, writeFileAtomic } from '../base/index.ts'
import { tryLockFile } from '../kernel/index.ts'

/**
 * Makes this process the only daemon on its roots: a lock in each that ends with the process, however it ends, and a
 * pid file for scripts. `unavailable` when another daemon is there. The caller disposes.
 */
export function claimRoots({
  dataRoot,
  execRoot,
  pidfile,
}: {
  readonly dataRoot: string
  readonly execRoot: string
  readonly pidfile: string
}): Disposable {
  using claimed = new DisposableStack()
  for (const root of [dataRoot, execRoot]) {
    mkdirSync(root, { recursive: true, mode: 0o711 })
    const fd = openSync(join(root, 'daemon.lock'), 'a', 0o600)
    claimed.defer(() => closeSync(fd))
    if (!tryLockFile(fd)) {
      throw failure('unavailable', `another slipwayd uses ${root}`, {
        hint: 'give this one its own --data-root and --exec-root',
      })
    }
  }
  mkdirSync(dirname(pidfile), { recursive: true })
  writeFileAtomic(pidfile, String(process.pid), { durable: false })
  claimed.defer(() => rmSync(pidfile, { force: true }))
  return claimed.move()
}
