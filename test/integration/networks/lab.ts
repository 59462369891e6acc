import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createClock, createSilentLog, newId, openDatabase, shortId } from '../../../src/base/index.ts'
import {
  type Attachment,
  createNetworks,
  type NetworkEvent,
  type NetworkRequest,
  type Networks,
  type PortRequest,
  type Sandbox,
  type SandboxRequest,
} from '../../../src/networks/index.ts'
import { mustRun, runCommand } from '../../fixtures/command.ts'
import { waitFor } from '../../fixtures/wait-for.ts'

const RESPONDER = fileURLToPath(new URL('./responder.ts', import.meta.url))

/** A daemon's networks under names of their own, with containers that are nothing but a namespace. */
export interface Lab extends AsyncDisposable {
  readonly networks: Networks
  readonly instance: string
  readonly bridge: string
  readonly table: string
  readonly folder: string
  readonly events: readonly string[]
  /** Ends this daemon as kill -9 would and starts the next one; `networks` is the new one's. */
  restart(): Promise<void>
  /** Opens and connects a container and answers on its ports with `label`. */
  container(label: string, options?: ContainerOptions): Promise<Container>
  /** A further host that reaches this one by a cable; its `address` and ours, `gateway`. */
  outsideHost(): Promise<OutsideHost>
  /** Answers in a place that is no container. */
  responder(place: Place, label: string, serve: readonly string[]): Promise<AsyncDisposable>
}

interface ContainerOptions {
  readonly ports?: readonly PortRequest[]
  /** `tcp/0.0.0.0/80` and the like: what the container answers on. */
  readonly serve?: readonly string[]
  readonly attachments?: readonly Partial<Attachment>[]
}

/** Somewhere that asks and answers. */
export interface Place {
  readonly netns: string | undefined
}

interface OutsideHost {
  readonly netns: string
  readonly address: string
  readonly gateway: string
  /** This host's end of the cable. */
  readonly cable: string
}

interface Container extends Place {
  readonly id: string
  readonly sandbox: Sandbox
  readonly address: string
  /** The published host port for a container port. */
  port(containerPort: number, protocol?: string): number
  stop(): Promise<void>
}

export const HOST: Place = { netns: undefined }

/** Asks a responder and returns its answer: `label asker`, `refused` or `silence`. */
export async function ask(from: Place, question: string): Promise<string> {
  const [protocol = '', address = '', port = '', sourcePort] = question.split('/')
  const args = [process.execPath, RESPONDER, 'ask', protocol, address, port, ...(sourcePort ? [sourcePort] : [])]
  const { stdout } = await mustRun('env', inside(from, args))
  return stdout
}

export async function inPlace(place: Place, ...command: readonly string[]) {
  return runCommand('env', inside(place, command))
}

function inside({ netns }: Place, command: readonly string[]): string[] {
  return netns === undefined ? [...command] : ['nsenter', `--net=${netns}`, ...command]
}

export function portRequest(text: string): PortRequest {
  const [, hostAddress = '', first = '0', last, containerPort = '0', protocol = 'tcp'] =
    /^(?:(\d+\.\d+\.\d+\.\d+):)?(\d*)(?:-(\d+))?:(\d+)(?:\/(\w+))?$/.exec(text) ?? []
  return {
    containerPort: Number(containerPort),
    protocol: protocol as PortRequest['protocol'],
    hostAddress,
    hostPort: { first: Number(first), last: Number(last ?? first) },
  }
}

export function sandboxRequest(id: string, options: Partial<SandboxRequest> = {}): SandboxRequest {
  return {
    containerId: id,
    containerName: `c-${shortId(id)}`,
    mode: 'bridge',
    attachments: [attachment()],
    ports: [],
    ...options,
  }
}

/** A bridge network; without a subnet the pools give one. */
export function networkRequest(name: string, subnet?: string, options: Partial<NetworkRequest> = {}): NetworkRequest {
  return {
    name,
    driver: '',
    ipv4: true,
    ipv6: false,
    internal: false,
    attachable: false,
    ipam: { driver: '', subnets: subnet === undefined ? [] : [{ subnet }], options: {} },
    options: {},
    labels: {},
    ...options,
  }
}

export function attachment(options: Partial<Attachment> = {}): Attachment {
  return { network: 'bridge', aliases: [], links: [], driverOptions: {}, ...options }
}

/**
 * Everything is taken away at the end, and the test fails when something of it stays. The subnet is a random one, since
 * tests run beside each other; with `cidr: 'any'` the daemon chooses.
 */
export async function openLab({ cidr = randomSubnet() }: { readonly cidr?: string } = {}): Promise<Lab> {
  const instance = `t${randomBytes(3).toString('hex')}`
  const bridge = `slp${instance}0`
  const table = `slipway_${instance}`
  const folder = mkdtempSync('/tmp/slipway-networks-')
  const events: string[] = []
  const resources = new AsyncDisposableStack()
  resources.defer(() => rmSync(folder, { recursive: true, force: true }))
  resources.defer(() => assertNothingLeft({ instance, folder }))
  resources.defer(async () => void (await runCommand('ip', ['link', 'delete', bridge])))
  resources.defer(async () => void (await runCommand('nft', ['delete', 'table', 'ip', table])))

  async function startDaemon(): Promise<Disposable & { networks: Networks }> {
    const db = openDatabase(join(folder, 'slipway.db'))
    const networks = createNetworks({
      db,
      execRoot: folder,
      instance,
      bridge: cidr === 'any' ? {} : { cidr },
      clock: createClock(),
      log: createSilentLog(),
      emit: ({ action, network, containerId = '' }: NetworkEvent) =>
        void events.push(`${action} ${network.name} ${shortId(containerId)}`),
    })
    await networks.start()
    return {
      networks,
      [Symbol.dispose]() {
        void networks.close()
        db.close()
      },
    }
  }

  let daemon = await startDaemon().catch(async (error) => {
    await resources.disposeAsync()
    throw error
  })
  resources.defer(async () => {
    await daemon.networks.reconcile(new Set())
    daemon[Symbol.dispose]()
  })

  async function container(label: string, options: ContainerOptions = {}): Promise<Container> {
    const id = newId()
    const { ports = [], serve = [], attachments = [{}] } = options
    const request = sandboxRequest(id, { ports, attachments: attachments.map(attachment) })
    await daemon.networks.open(request)
    const sandbox = daemon.networks.connect(id)
    const place = { netns: sandbox.netns }
    const process = serve.length > 0 ? await startResponder(place, label, serve) : undefined
    resources.defer(() => process?.stop())
    return {
      id,
      sandbox,
      netns: sandbox.netns,
      address: sandbox.endpoints[0]?.address ?? '',
      port(containerPort, protocol = 'tcp') {
        const found = sandbox.ports.find((port) => port.containerPort === containerPort && port.protocol === protocol)
        if (!found) throw new Error(`port ${containerPort}/${protocol} is not published`)
        return found.hostPort
      },
      async stop() {
        await process?.stop()
        await daemon.networks.release(id)
      },
    }
  }

  async function outsideHost() {
    const name = `out-${instance}-${randomBytes(2).toString('hex')}`
    const cable = `c${randomBytes(5).toString('hex')}`
    const net = `198.${18 + ((randomBytes(1)[0] ?? 0) % 2)}.${randomBytes(1)[0]}`
    await mustRun('ip', ['netns', 'add', name])
    resources.defer(async () => void (await mustRun('ip', ['netns', 'delete', name])))
    await mustRun('ip', ['link', 'add', cable, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', name])
    await mustRun('ip', ['address', 'add', `${net}.1/24`, 'dev', cable])
    await mustRun('ip', ['link', 'set', cable, 'up'])
    for (const args of [
      ['address', 'add', `${net}.2/24`, 'dev', 'eth0'],
      ['link', 'set', 'eth0', 'up'],
      ['link', 'set', 'lo', 'up'],
      ['route', 'add', 'default', 'via', `${net}.1`],
    ]) {
      await mustRun('ip', ['-n', name, ...args])
    }
    return { netns: `/run/netns/${name}`, address: `${net}.2`, gateway: `${net}.1`, cable }
  }

  async function startResponder(place: Place, label: string, serve: readonly string[]) {
    const args = inside(place, [process.execPath, RESPONDER, 'serve', label, ...serve])
    const child = spawn('env', args, { stdio: ['ignore', 'pipe', 'inherit'] })
    const ended = once(child, 'exit')
    await once(child.stdout, 'data')
    return {
      async stop() {
        child.kill('SIGKILL')
        await ended
      },
    }
  }

  return {
    get networks() {
      return daemon.networks
    },
    instance,
    bridge,
    table,
    folder,
    events,
    async restart() {
      daemon[Symbol.dispose]()
      daemon = await startDaemon()
    },
    container,
    outsideHost,
    async responder(place, label, serve) {
      const { stop } = await startResponder(place, label, serve)
      return { [Symbol.asyncDispose]: stop }
    },
    [Symbol.asyncDispose]: () => resources.disposeAsync(),
  }
}

/** Two subnets for networks of a test's own. */
export function randomSubnets(): readonly [string, string] {
  const [second = 0, third = 0] = randomBytes(2)
  const net = `10.${192 + (second % 32)}.${third & 254}`
  return [`${net}.0/24`, `10.${192 + (second % 32)}.${third | 1}.0/24`]
}

function randomSubnet(): string {
  const [second = 0, third = 0] = randomBytes(2)
  return `10.${128 + (second % 64)}.${third}.1/24`
}

async function assertNothingLeft({ instance, folder }: { instance: string; folder: string }): Promise<void> {
  await waitFor(
    async () => {
      const { stdout: links } = await mustRun('ip', ['-o', 'link'])
      const { stdout: tables } = await mustRun('nft', ['list', 'tables'])
      const mounts = readFileSync('/proc/self/mountinfo', 'utf8')
      const left = [
        ...links.split('\n').filter((line) => line.includes(`slp${instance}0`)),
        ...tables.split('\n').filter((line) => line.includes(instance)),
        ...mounts.split('\n').filter((line) => line.includes(folder)),
        ...readdirSync(join(folder, 'netns')),
      ]
      if (left.length > 0) throw new Error(left.join('\n'))
      return true
    },
    { what: 'nothing of the test is left on this machine' },
  )
}
