import { constants } from 'node:fs'
import { check, lastErrno } from '../native/call.ts'
import { closeFd, O_CLOEXEC, O_PATH } from '../native/fd.ts'
import { libc, systemCalls } from '../native/libc.ts'

const NO_MAGICLINKS = 0x02
const NO_SYMLINKS = 0x04
const BENEATH = 0x08
const IN_ROOT = 0x10
const RESOLVE = {
  'in-root': IN_ROOT | NO_MAGICLINKS,
  beneath: BENEATH | NO_MAGICLINKS,
  'no-symlinks': BENEATH | NO_SYMLINKS | NO_MAGICLINKS,
} as const

/** struct open_how: flags, mode, resolve. */
const HOW_SIZE = 24
const EAGAIN = 11
/** How often somebody may rename a folder on the way before that is taken for an attack. */
const MOST_RACES = 64

/**
 * openat2(2): opens `path` below `root` so that neither `..` nor links lead out. `in-root` takes absolute paths and links
 * as starting at the root, as inside a chroot; `beneath` refuses them, `no-symlinks` every link besides. Magic links are
 * always refused. Fails with EXDEV for a path that leads out, ELOOP for a refused link. O_CLOEXEC is always set. The
 * caller closes.
 */
export function openBeneath(
  root: string | number,
  path: string,
  {
    flags,
    mode = 0,
    resolve,
  }: { readonly flags: number; readonly mode?: number; readonly resolve: keyof typeof RESOLVE },
): number {
  if (typeof root === 'number') return openIn(root, path, howOf({ flags, mode, resolve }))
  const folder = check(libc.open(root, O_PATH | constants.O_DIRECTORY | O_CLOEXEC, 0), 'open', root)
  try {
    return openIn(folder, path, howOf({ flags, mode, resolve }))
  } finally {
    closeFd(folder)
  }
}

function howOf({ flags, mode, resolve }: { flags: number; mode: number; resolve: keyof typeof RESOLVE }): Buffer {
  const how = Buffer.alloc(HOW_SIZE)
  how.writeBigUInt64LE(BigInt(flags | O_CLOEXEC), 0)
  how.writeBigUInt64LE(BigInt(mode), 8)
  how.writeBigUInt64LE(BigInt(RESOLVE[resolve]), 16)
  return how
}

function openIn(folder: number, path: string, how: Buffer): number {
  for (let race = 0; ; race += 1) {
    const fd = systemCalls.openat2(folder, path, how, HOW_SIZE)
    if (fd < 0 && lastErrno() === EAGAIN && race < MOST_RACES) continue
    return check(fd, 'openat2', path)
  }
}
