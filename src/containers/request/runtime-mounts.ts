import { accessSync, constants, existsSync, mkdirSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { failure, hasCode, messageOf } from '../../base/index.ts'
import type { RuntimeMount } from '../../oci/index.ts'
import type { MountPoint, MountRequest } from '../contract.ts'
import type { HostFiles } from '../host-files.ts'
import type { ContainerRecord } from '../record.ts'
import { cleanPath, noSuchSource } from './mount-spec.ts'
import { tmpfsOptions, tmpfsTextOf } from './tmpfs-options.ts'

/** Where the init program is in a container that has one. */
export const INIT_PATH = '/sbin/docker-init'

/**
 * What the runtime mounts besides the standard mounts, outer ones before those inside them. Files of the engine stand
 * back where the person mounts something of their own. `initPath`: see ContainerDefaults.
 */
export function runtimeMounts(
  record: ContainerRecord,
  files: HostFiles & { readonly initPath?: string },
): readonly RuntimeMount[] {
  const { host, mounts } = record
  const own = [
    ...mounts.map((point) => mountOf(point, requestOf(record, point))),
    ...Object.entries(host.tmpfs).map(([path, options]) => tmpfsMount(cleanPath(path), options)),
  ]
  const taken = new Set(own.map(({ destination }) => destination))
  return [...own, ...engineMounts(record, files).filter(({ destination }) => !taken.has(destination))].toSorted(
    (one, other) => depthOf(one) - depthOf(other),
  )
}

/**
 * Makes folders for sources of `-v` that are not there, as Docker does. `invalid` for a missing source of `--mount`,
 * `internal` when a folder cannot be made.
 */
export function ensureBindSources(record: ContainerRecord): void {
  for (const point of record.mounts) {
    if (point.type !== 'bind' || existsSync(point.source)) continue
    const request = requestOf(record, point)
    if (request && !request.bind?.createMountpoint) throw noSuchSource(point.source)
    try {
      makeFolders(point.source)
    } catch (cause) {
      const text = `error while creating mount source path '${point.source}': ${messageOf(cause)}`
      throw failure('internal', text, { cause })
    }
  }
}

/** Step by step: Node's own recursive way never comes back from a folder of /proc that cannot be made. */
function makeFolders(path: string): void {
  const parents = path.split('/').slice(1)
  for (const [index] of parents.entries()) {
    try {
      mkdirSync(`/${parents.slice(0, index + 1).join('/')}`, { mode: 0o755 })
    } catch (error) {
      if (!hasCode(error, 'EEXIST')) throw error
    }
  }
}

/** True when an empty volume is to be filled with what the image has at its mount point. */
export function wantsCopy(record: ContainerRecord, point: MountPoint): boolean {
  return (
    point.type === 'volume' && !point.mode.split(',').includes('nocopy') && !requestOf(record, point)?.volume?.noCopy
  )
}

/** True when the container gets an init process: never where the process ids are those of somebody else. */
export function hasInit({ host }: ContainerRecord): boolean {
  return host.init === true && host.pidMode === ''
}

/** The entry of `--mount` that a mount point comes from. */
function requestOf({ host }: ContainerRecord, { destination, type }: MountPoint): MountRequest | undefined {
  return host.mounts.find((request) => request.type === type && cleanPath(request.target) === destination)
}

function mountOf(point: MountPoint, request: MountRequest | undefined): RuntimeMount {
  const { type, source, destination, readWrite, propagation } = point
  if (type === 'tmpfs') return tmpfsMount(destination, request ? tmpfsTextOf(request) : '')
  const { nonRecursive = false, readOnlyNonRecursive = false } = request?.bind ?? {}
  const options = [
    nonRecursive ? 'bind' : 'rbind',
    readWrite ? 'rw' : readOnlyNonRecursive || nonRecursive || isFile(source) ? 'ro' : 'rro',
    propagation || 'rprivate',
  ]
  return { destination, type: 'bind', source, options }
}

/** Nothing is mounted below a file, and the runtime opens what it makes read-only to the depths as a folder. */
function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === false
}

function tmpfsMount(destination: string, options: string): RuntimeMount {
  return { destination, type: 'tmpfs', source: 'tmpfs', options: tmpfsOptions(options) }
}

function engineMounts(
  record: ContainerRecord,
  { hosts, hostname, resolvConf, initPath = '' }: HostFiles & { readonly initPath?: string },
): readonly RuntimeMount[] {
  const access = record.host.readonlyRootfs ? 'ro' : 'rw'
  const file = (destination: string, source: string): RuntimeMount => ({
    destination,
    type: 'bind',
    source,
    options: ['rbind', access, 'rprivate'],
  })
  const init = hasInit(record)
    ? [{ destination: INIT_PATH, type: 'bind', source: findInit(initPath), options: ['bind', 'ro'] }]
    : []
  return [file('/etc/resolv.conf', resolvConf), file('/etc/hostname', hostname), file('/etc/hosts', hosts), ...init]
}

const INIT_PROGRAMS = ['docker-init', 'tini-static', 'tini', 'catatonit']
const FOLDERS = ['/usr/local/libexec/docker', '/usr/libexec/docker', '/usr/local/bin', '/usr/bin', '/usr/sbin', '/bin']

function findInit(configured: string): string {
  if (configured !== '') return configured
  const candidates = INIT_PROGRAMS.flatMap((name) => FOLDERS.map((folder) => join(folder, name)))
  const found = candidates.find(isExecutable)
  if (found) return found
  throw failure('invalid', 'exec: "docker-init": executable file not found in $PATH', {
    hint: 'install the package tini or catatonit, or say where the init program is',
  })
}

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK)
    return true
  } catch {
    return false
  }
}

function depthOf({ destination }: RuntimeMount): number {
  return destination.split('/').filter(Boolean).length
}
