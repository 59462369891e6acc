import { constants, fstatSync, readFileSync } from 'node:fs'
import { failure, hasCode } from '../../base/index.ts'
import { closeFd, openBeneath } from '../../kernel/index.ts'
import { type Account, type Group, parseGroups, parsePasswd } from './accounts.ts'

/** Who a process is, as the image's own passwd and group say. */
export interface ImageUser {
  readonly uid: number
  readonly gid: number
  /** Begins with `gid`. */
  readonly additionalGids: readonly number[]
  /** The home folder of passwd; `/` when there is no entry. */
  readonly home: string
}

export interface AccountFiles {
  readonly passwd: string
  readonly group: string
}

/**
 * Finds `user[:group]`, names or numbers, in a mounted root filesystem. Its links are followed inside of it only.
 * `invalid` with Docker's text when a name has no entry or a number is out of range.
 */
export function lookupUser(rootfs: string, user: string, groupAdd: readonly string[]): ImageUser {
  const files = { passwd: readAccountFile(rootfs, '/etc/passwd'), group: readAccountFile(rootfs, '/etc/group') }
  return resolveUser(files, { user, groupAdd })
}

/** The same for the texts of passwd and group; an absent file is an empty one. */
export function resolveUser(
  { passwd, group }: AccountFiles,
  { user, groupAdd }: { readonly user: string; readonly groupAdd: readonly string[] },
): ImageUser {
  const separator = user.indexOf(':')
  const userPart = (separator < 0 ? user : user.slice(0, separator)) || '0'
  const groupPart = separator < 0 ? '' : user.slice(separator + 1)
  const groups = parseGroups(group)
  const account = findAccount(parsePasswd(passwd), userPart)
  const gid = groupPart === '' ? account.gid : findGroup(groups, groupPart)
  const implied =
    groupPart === '' && account.name !== ''
      ? groups.filter(({ members }) => members.includes(account.name)).map((member) => member.gid)
      : []
  const added = groupAdd.map((name) => findGroup(groups, name))
  return { uid: account.uid, gid, additionalGids: [...new Set([gid, ...implied, ...added])], home: account.home || '/' }
}

/** The kernel's own limit is higher, but Docker and its runtimes keep to signed numbers. */
const HIGHEST_ID = 2 ** 31 - 1

/** More than any real file of this kind; what is longer is not read into memory. */
const FILE_LIMIT = 4 * 1024 * 1024

function findAccount(accounts: readonly Account[], wanted: string): Account {
  const number = parseId(wanted)
  const found = accounts.find(({ name, uid }) => name === wanted || uid === number)
  if (found) return found
  if (number === undefined) {
    throw failure('invalid', `unable to find user ${wanted}: no matching entries in passwd file`)
  }
  return { name: '', uid: checkRange(number), gid: 0, home: '/' }
}

function findGroup(groups: readonly Group[], wanted: string): number {
  const number = parseId(wanted)
  const found = groups.find(({ name, gid }) => name === wanted || gid === number)
  if (found) return found.gid
  if (number === undefined) {
    throw failure('invalid', `unable to find group ${wanted}: no matching entries in group file`)
  }
  return checkRange(number)
}

function parseId(text: string): number | undefined {
  return /^-?\d+$/.test(text) ? Number(text) : undefined
}

function checkRange(id: number): number {
  if (id < 0 || id > HIGHEST_ID) throw failure('invalid', `uids and gids must be in range 0-${HIGHEST_ID}`)
  return id
}

function readAccountFile(rootfs: string, path: string): string {
  const fd = openAccountFile(rootfs, path)
  if (fd === undefined) return ''
  try {
    const { size } = fstatSync(fd)
    if (!fstatSync(fd).isFile() || size > FILE_LIMIT) return ''
    return readFileSync(fd, 'utf8')
  } finally {
    closeFd(fd)
  }
}

function openAccountFile(rootfs: string, path: string): number | undefined {
  try {
    // O_NONBLOCK: an image may put a fifo in this place.
    return openBeneath(rootfs, path, { flags: constants.O_RDONLY | constants.O_NONBLOCK, resolve: 'in-root' })
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ENOTDIR', 'ELOOP', 'ENXIO')) return undefined
    throw error
  }
}
