import { spawn } from 'node:child_process'
import { randomBytes, randomInt } from 'node:crypto'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type {
  ContainerConfig,
  ContainerId,
  Containers,
  CreateRequest,
  HostConfig,
} from '../../../src/containers/index.ts'
import { createEngine, type RunningEngine } from '../../../src/engine.ts'
import { busyboxRootfs } from '../../fixtures/busybox.ts'
import { containerConfig, hostConfig } from '../../fixtures/container-request.ts'
import { chunksOf } from '../../fixtures/image-lab.ts'
import { findLeaks } from '../../fixtures/leaks.ts'
import { waitFor } from '../../fixtures/wait-for.ts'
import { type EngineSeat, engineOptions } from './engine-options.ts'

export interface Wanted {
  readonly config?: Partial<ContainerConfig>
  readonly host?: Partial<HostConfig>
}

/** An engine on a seat of its own with a busybox image. Disposing removes all containers and fails on what is left. */
export interface Lab extends AsyncDisposable {
  readonly engine: RunningEngine
  readonly containers: Containers
  /** What was told of a container so far, in order, with signals and exit codes: `kill 15`, `die 3`. */
  eventsOf(name: string): readonly string[]
  create(name: string, cmd: readonly string[], wanted?: Wanted): Promise<ContainerId>
  start(name: string, cmd: readonly string[], wanted?: Wanted): Promise<ContainerId>
  /** Everything that the log of a container holds. */
  output(name: string): Promise<string>
  /** `exited 3`, `running`. */
  stateOf(name: string): string
  /** Resolves when the container is in that state. */
  reach(name: string, state: string): Promise<void>
  /** Resolves when that has been told of the container as often as wanted. */
  told(name: string, event: string, times?: number): Promise<void>
  /** Ends the engine in order and starts the next one; with `stop` the containers are stopped first. */
  reopen(options?: { readonly stop?: boolean }): Promise<void>
  /** Another engine takes the seat, starts these containers and is killed with signal 9; then ours starts again. */
  survive(requests: readonly CreateRequest[], meanwhile: () => Promise<void>): Promise<void>
}

interface Told {
  readonly name: string
  readonly event: string
}

export function request(name: string, cmd: readonly string[], { config, host }: Wanted = {}): CreateRequest {
  return { name, config: containerConfig({ cmd, ...config }), host: hostConfig(host), attachments: [] }
}

export async function openLab(): Promise<Lab> {
  const seat = chooseSeat()
  const ids = new Set<string>()
  const told: Told[] = []
  let engine = await open()
  await engine.images.import(chunksOf(await busyboxRootfs()), { reference: 'busybox', changes: ['CMD ["sh"]'] })

  async function open(): Promise<RunningEngine> {
    const opened = await createEngine(engineOptions(seat))
    void listen(opened, { told, ids })
    return opened
  }

  const lab: Lab = {
    get engine() {
      return engine
    },
    get containers() {
      return engine.containers
    },
    eventsOf: (name) => told.filter((event) => event.name === name).map(({ event }) => event),
    create: async (name, cmd, wanted) => (await engine.containers.create(request(name, cmd, wanted))).id,
    async start(name, cmd, wanted) {
      const id = await lab.create(name, cmd, wanted)
      await engine.containers.start(id)
      return id
    },
    async output(name) {
      const query = { stdout: true, stderr: true, follow: false }
      const records = await Array.fromAsync(engine.containers.logs(name, query))
      return records.map(({ data }) => data).join('')
    },
    stateOf(name) {
      const { state } = engine.containers.find(name)
      return state.status === 'exited' ? `exited ${state.exit.code}` : state.status
    },
    reach: async (name, state) => {
      await waitFor(() => lab.stateOf(name) === state, { what: `${name} ${state}` })
    },
    async told(name, event, times = 1) {
      const count = (): number => lab.eventsOf(name).filter((found) => found === event).length
      await waitFor(() => count() >= times, { what: `${times} times ${event} of ${name}` })
    },
    async reopen(options) {
      await engine.close(options)
      engine = await open()
    },
    async survive(requests, meanwhile) {
      await engine.close()
      await runDoomed({ seat, requests }, meanwhile)
      engine = await open()
    },
    async [Symbol.asyncDispose]() {
      for (const { id } of engine.containers.list({ all: true, filters: {} })) {
        ids.add(id)
        await engine.containers.remove(id, { force: true, volumes: true, link: false })
      }
      await engine.close()
      await assertNothingLeft(seat, ids)
    },
  }
  return lab
}

function chooseSeat(): EngineSeat {
  const instance = `t${randomBytes(3).toString('hex')}`
  return {
    dataRoot: mkdtempSync(join(tmpdir(), 'slw-ctr-')),
    execRoot: mkdtempSync('/run/slw-ctr-'),
    instance,
    cgroupParent: `/slipway-${instance}`,
    cidr: `10.${randomInt(224, 255)}.${randomInt(0, 256)}.1/24`,
  }
}

async function listen(
  engine: RunningEngine,
  { told, ids }: { readonly told: Told[]; readonly ids: Set<string> },
): Promise<void> {
  for await (const { type, action, id, attributes } of engine.events.read({})) {
    if (type !== 'container') continue
    ids.add(id)
    const detail = action === 'die' ? attributes.exitCode : action === 'kill' ? attributes.signal : undefined
    told.push({ name: attributes.name ?? '', event: detail === undefined ? action : `${action} ${detail}` })
  }
}

async function runDoomed(orders: object, meanwhile: () => Promise<void>): Promise<void> {
  const program = join(import.meta.dirname, 'doomed-engine.ts')
  const engine = spawn(process.execPath, [program, JSON.stringify(orders)], { stdio: ['ignore', 'pipe', 'inherit'] })
  await once(engine.stdout, 'data')
  engine.kill('SIGKILL')
  await once(engine, 'exit')
  await meanwhile()
}

async function assertNothingLeft(seat: EngineSeat, ids: ReadonlySet<string>): Promise<void> {
  const leaks = await findLeaks({ ...seat, containerIds: Array.from(ids) })
  for (const root of [seat.dataRoot, seat.execRoot]) rmSync(root, { recursive: true, force: true })
  if (leaks.length > 0) throw new Error(`left behind: ${JSON.stringify(leaks, null, 2)}`)
}
