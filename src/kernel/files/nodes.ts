import { check } from '../native/call.ts'
import { libc } from '../native/libc.ts'

/** mknod(2): `mode` holds the type (S_IFCHR, S_IFBLK, S_IFIFO) and the permissions. */
export function makeNode(
  path: string,
  { mode, major = 0, minor = 0 }: { readonly mode: number; readonly major?: number; readonly minor?: number },
): void {
  check(libc.mknod(path, mode, joinDevice(major, minor)), 'mknod', path)
}

/** glibc's encoding of device numbers. */
export function joinDevice(major: number, minor: number): bigint {
  const [a, i] = [BigInt(major), BigInt(minor)]
  return (i & 0xffn) | ((a & 0xfffn) << 8n) | ((i & ~0xffn) << 12n) | ((a & ~0xfffn) << 32n)
}

/** Parts of a device number as `stat` gives it. */
export function splitDevice(device: number): { readonly major: number; readonly minor: number } {
  const value = BigInt(device)
  return {
    major: Number(((value >> 8n) & 0xfffn) | ((value >> 32n) & 0xfffff000n)),
    minor: Number((value & 0xffn) | ((value >> 12n) & 0xffffff00n)),
  }
}
