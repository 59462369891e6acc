import { closeSync, constants, openSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { O_PATH } from '../native/fd.ts'
import { KernelError } from '../native/kernel-error.ts'

const AF_UNIX = 1
/** sockaddr_un: family, path, NUL. */
const ADDRESS_SIZE = 110
const LONGEST_PATH = 107
const EINVAL = 22
const ENAMETOOLONG = 36

/**
 * Runs `work` with the socket address of `path`. A path too long for an address is reached through its folder; the last
 * part alone must fit: ENAMETOOLONG.
 */
export function withUnixAddress<T>(path: string, work: (address: Buffer) => T): T {
  if (path === '' || path.includes('\0')) throw new KernelError(EINVAL, 'socket address', { path })
  if (Buffer.byteLength(path) <= LONGEST_PATH) return work(addressOf(path))
  const folder = openSync(dirname(path), O_PATH | constants.O_DIRECTORY)
  try {
    const short = `/proc/self/fd/${folder}/${basename(path)}`
    if (Buffer.byteLength(short) > LONGEST_PATH) throw new KernelError(ENAMETOOLONG, 'socket address', { path })
    return work(addressOf(short))
  } finally {
    closeSync(folder)
  }
}

function addressOf(path: string): Buffer {
  const address = Buffer.alloc(ADDRESS_SIZE)
  address.writeUInt16LE(AF_UNIX, 0)
  address.write(path, 2)
  return address
}
