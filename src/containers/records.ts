import { type Database, failure, type Log, messageOf } from '../base/index.ts'
import type { ImageId } from '../images/index.ts'
import type { ContainerConfig, ContainerId, ContainerState, Exit, HostConfig } from './contract.ts'
import type { ContainerRecord } from './record.ts'

/** The table of containers: the record as JSON, and beside it what a damaged one can still be named by. */
export interface ContainerRecords {
  /** Durable when it returns. */
  put(record: ContainerRecord): void
  remove(id: ContainerId): void
  /** All of them; a record that cannot be read comes as a dead container, which can be listed and removed. */
  all(): readonly ContainerRecord[]
}

const SCHEMA = [
  `CREATE TABLE containers (id TEXT PRIMARY KEY, name TEXT NOT NULL, image TEXT NOT NULL, status TEXT NOT NULL,
    record TEXT NOT NULL) STRICT`,
]

export function createContainerRecords({ db, log }: { readonly db: Database; readonly log: Log }): ContainerRecords {
  db.migrate('containers', SCHEMA)
  return {
    put(record) {
      db.run(
        `INSERT INTO containers VALUES (?, ?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET
          name = excluded.name, image = excluded.image, status = excluded.status, record = excluded.record`,
        record.id,
        record.name,
        record.imageId,
        record.state.status,
        encodeRecord(record),
      )
    },
    remove: (id) => void db.run('DELETE FROM containers WHERE id = ?', id),
    all: () =>
      db.all('SELECT id, name, image, record FROM containers').map((row) => {
        try {
          return decodeRecord(String(row.record))
        } catch (error) {
          log.error(
            { container: row.id, reason: messageOf(error) },
            'the record of a container is damaged: it is listed as dead',
          )
          return damagedRecord({ id: String(row.id), name: String(row.name), image: String(row.image) })
        }
      }),
  }
}

/** Times are bigints inside and decimal text in JSON. */
const TIMES: ReadonlySet<string> = new Set(['created', 'startedAt', 'finishedAt', 'at'])

function encodeRecord(record: ContainerRecord): string {
  return JSON.stringify(record, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value))
}

/** Reads what `encodeRecord` wrote; fails on anything else, so that nothing half-read is acted on. */
export function decodeRecord(text: string): ContainerRecord {
  const value = JSON.parse(text) as Record<string, unknown>
  const wrong = Object.entries(SHAPE).filter(([name, isRight]) => !isRight(value[name]))
  if (wrong.length > 0)
    throw failure('corrupt', `fields ${wrong.map(([name]) => name).join(', ')} are not what they must be`)
  return {
    ...(value as unknown as ContainerRecord),
    created: BigInt(value.created as string),
    state: decodeTimes(value.state as Record<string, unknown>) as unknown as ContainerState,
  }
}

function decodeTimes(fields: Record<string, unknown>): Record<string, unknown> {
  const entries = Object.entries(fields).map(([name, value]) => {
    if (TIMES.has(name)) return [name, BigInt(value as string)]
    return [name, name === 'exit' && isObject(value) ? (decodeTimes(value) as unknown as Exit) : value]
  })
  return Object.fromEntries(entries)
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)
const isText = (value: unknown): value is string => typeof value === 'string'

const SHAPE: Readonly<Record<keyof ContainerRecord, (value: unknown) => boolean>> = {
  id: (value) => isText(value) && /^[0-9a-f]{64}$/.test(value),
  name: isText,
  created: (value) => isText(value) && /^\d+$/.test(value),
  imageId: isText,
  config: isObject,
  host: isObject,
  attachments: Array.isArray,
  mounts: Array.isArray,
  path: isText,
  args: Array.isArray,
  state: (value) => isObject(value) && isText(value.status),
  restartCount: (value) => typeof value === 'number',
  stoppedByUser: (value) => typeof value === 'boolean',
}

function damagedRecord({ id, name, image }: { id: string; name: string; image: string }): ContainerRecord {
  return {
    id: id as ContainerId,
    name,
    created: 0n,
    imageId: image as ImageId,
    config: EMPTY_CONFIG,
    host: EMPTY_HOST,
    attachments: [],
    mounts: [],
    path: '',
    args: [],
    state: { status: 'dead' },
    restartCount: 0,
    stoppedByUser: true,
  }
}

const EMPTY_CONFIG: ContainerConfig = {
  image: '',
  hostname: '',
  domainname: '',
  user: '',
  attachStdin: false,
  attachStdout: false,
  attachStderr: false,
  tty: false,
  openStdin: false,
  stdinOnce: false,
  env: [],
  cmd: null,
  entrypoint: null,
  workingDir: '',
  labels: {},
  exposedPorts: [],
  volumes: [],
  stopSignal: '',
  stopTimeout: undefined,
  healthcheck: undefined,
  networkDisabled: false,
  macAddress: '',
  onBuild: null,
  shell: null,
}

const EMPTY_HOST: HostConfig = {
  binds: [],
  mounts: [],
  tmpfs: {},
  volumesFrom: [],
  volumeDriver: '',
  ports: [],
  portBindings: {},
  publishAllPorts: false,
  networkMode: 'none',
  restartPolicy: { name: 'no', maximumRetryCount: 0 },
  autoRemove: false,
  privileged: false,
  readonlyRootfs: false,
  capAdd: [],
  capDrop: [],
  securityOpt: [],
  groupAdd: [],
  dns: [],
  dnsOptions: [],
  dnsSearch: [],
  extraHosts: [],
  links: [],
  ipcMode: '',
  pidMode: '',
  utsMode: '',
  usernsMode: '',
  cgroupnsMode: '',
  cgroupParent: '',
  shmSize: 0,
  sysctls: {},
  ulimits: [],
  oomScoreAdj: 0,
  init: undefined,
  resources: {},
  devices: [],
  deviceCgroupRules: [],
  logConfig: { type: 'json-file', config: {} },
  runtime: '',
  storageOpt: {},
  maskedPaths: undefined,
  readonlyPaths: undefined,
  annotations: {},
  consoleSize: { rows: 0, columns: 0 },
  isolation: '',
  containerIdFile: '',
}
