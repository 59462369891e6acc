import { chmodSync, chownSync, closeSync, constants, fstatSync, readdirSync, type Stats } from 'node:fs'
import { hasCode } from '../base/index.ts'
import { openBeneath } from '../kernel/index.ts'
import type { Household } from './household.ts'
import type { ContainerRecord } from './record.ts'
import { wantsCopy } from './request/runtime-mounts.ts'

/**
 * Fills empty volumes with what the image has at their mount points, with owners, modes and times, before the first
 * start. Volumes mounted with `nocopy` and those that hold anything are left alone.
 */
export async function copyUp(
  { store, volumes }: Household,
  { record, rootfs }: { readonly record: ContainerRecord; readonly rootfs: string },
): Promise<void> {
  for (const point of record.mounts) {
    const { name, destination } = point
    const volume = name !== undefined && wantsCopy(record, point) ? volumes.find(name) : undefined
    if (!volume || readdirSync(volume.mountpoint).length > 0) continue
    const found = statInRoot(rootfs, destination)
    if (!found?.isDirectory()) continue
    await store.trees.unpack(volume.mountpoint, store.trees.pack(rootfs, { path: destination }))
    chownSync(volume.mountpoint, found.uid, found.gid)
    chmodSync(volume.mountpoint, found.mode & 0o7777)
  }
}

/** Links on the way are followed inside the root only. */
function statInRoot(rootfs: string, path: string): Stats | undefined {
  const O_PATH = 0o10000000
  try {
    const fd = openBeneath(rootfs, path.replace(/^\/+/, '') || '.', {
      flags: O_PATH | constants.O_NOFOLLOW,
      resolve: 'in-root',
    })
    try {
      return fstatSync(fd)
    } finally {
      closeSync(fd)
    }
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP')) return undefined
    throw error
  }
}
