import { chmodSync, chownSync, lstatSync, readFileSync, rmSync } from 'node:fs'
import type { Server } from 'node:http'
import { type AddressInfo, connect, type ListenOptions } from 'node:net'
import { failure, hasCode, messageOf } from '../../base/index.ts'

/** Where an API server listens. */
export type ListenTarget =
  | {
      readonly kind: 'unix'
      readonly path: string
      /** Default 0660. */
      readonly mode?: number
      /** Name or number of the group that owns the socket. Default: `docker` where the host has it. */
      readonly group?: string
    }
  | { readonly kind: 'tcp'; readonly host: string; readonly port: number }
  /** A listening socket that was handed over, as systemd does. */
  | { readonly kind: 'fd'; readonly fd: number }

/**
 * Begins to listen and tells where, as `-H` writes it. A socket file that nobody answers on is replaced; `unavailable`
 * when somebody does, when the address is taken, or when something else lies there.
 */
export async function listen(server: Server, target: ListenTarget): Promise<string> {
  switch (target.kind) {
    case 'unix':
      await clearStale(target.path)
      return listenOnUnix(server, target)
    case 'tcp': {
      await begin(server, { host: target.host, port: target.port })
      const { address, port, family } = server.address() as AddressInfo
      return `tcp://${family === 'IPv6' ? `[${address}]` : address}:${port}`
    }
    case 'fd':
      await begin(server, { fd: target.fd } as ListenOptions)
      return `fd://${target.fd}`
    default:
      return target satisfies never
  }
}

async function listenOnUnix(server: Server, target: ListenTarget & { kind: 'unix' }): Promise<string> {
  const { path, mode = 0o660, group } = target
  const gid = group === undefined ? findGroup('docker') : findGroup(group)
  if (gid === undefined && group !== undefined) throw failure('invalid', `group ${group} not found`)
  // Nobody else may connect before owner and mode are right. The file is made before begin returns.
  const umask = process.umask(0o177)
  const begun = begin(server, { path })
  process.umask(umask)
  await begun
  if (gid !== undefined && process.getuid?.() === 0) chownSync(path, 0, gid)
  chmodSync(path, mode)
  return `unix://${path}`
}

function begin(server: Server, options: ListenOptions): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  server.once('error', reject)
  server.listen(options, resolve)
  return promise
    .catch((cause: unknown) => {
      throw failure('unavailable', `cannot listen on ${describe(options)}: ${messageOf(cause)}`, { cause })
    })
    .finally(() => server.off('error', reject))
}

function describe({ path, host, port }: ListenOptions): string {
  return path ?? (host === undefined ? 'the socket handed over' : `${host}:${port}`)
}

async function clearStale(path: string): Promise<void> {
  const found = lstatSync(path, { throwIfNoEntry: false })
  if (!found) return
  if (!found.isSocket()) throw failure('unavailable', `cannot listen on ${path}: a file that is no socket is there`)
  if (await answers(path)) throw failure('unavailable', `cannot listen on ${path}: another daemon answers there`)
  rmSync(path, { force: true })
}

function answers(path: string): Promise<boolean> {
  const { promise, resolve, reject } = Promise.withResolvers<boolean>()
  const socket = connect(path)
  socket.once('connect', () => resolve(true))
  socket.once('error', (cause) => (hasCode(cause, 'ECONNREFUSED', 'ENOENT') ? resolve(false) : reject(cause)))
  return promise.finally(() => socket.destroy())
}

/** The number of a group of this host; a number stands for itself. */
function findGroup(name: string): number | undefined {
  if (/^\d+$/.test(name)) return Number(name)
  const line = readFileSync('/etc/group', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  return line === undefined ? undefined : Number(line.split(':')[2])
}
