import { createTopic, failure, type Topic } from '../base/index.ts'
import type { RuntimeSpec } from '../oci/index.ts'
import type { Task } from '../runtime/index.ts'
import type { ContainerId, ContainerState, Exit } from './contract.ts'
import type { Health } from './health.contract.ts'
import type { ContainerRecord } from './record.ts'
import type { ContainerRecords } from './records.ts'

/** One container as this process knows it: its record, and what runs of it. */
export interface Entry {
  readonly id: ContainerId
  readonly record: ContainerRecord
  task: Task | undefined
  /** The configuration that the task runs with; made anew when a daemon adopted it. */
  spec: RuntimeSpec | undefined
  /** Clients that attached before the start; each is joined to the task before its process runs. */
  readonly joiners: Set<Joiner>
  /** Waiting for the back-off of the restart policy to pass. */
  restart: { readonly cancel: () => void } | undefined
  /** Milliseconds that the next restart waits. */
  backOff: number
  /** It is being restarted on request: its exit is no reason to remove it or to apply the policy. */
  keepAfterExit: boolean
  /** Somebody stops it: its end is announced as a stop too. */
  stopping: boolean
  /** What its health check has found; undefined until the first start, and without a check. */
  health: Health | undefined
  /** Ends the probing that goes on. */
  probing: AbortController | undefined
  /** How many keep its root filesystem mounted besides its own process. */
  rootHolds: number
  /** False when the engine closes: policies wait for the next one. */
  mayRestart: boolean
}

export interface Joiner {
  readonly join: (task: Task) => Promise<void>
  /** The start failed: nothing will ever come. */
  readonly giveUp: () => void
}

/** An ending that somebody may be waiting for. */
export type Ending =
  | { readonly kind: 'exited'; readonly id: ContainerId; readonly exit: Exit }
  | { readonly kind: 'removed'; readonly id: ContainerId; readonly exit: Exit | undefined }

/** All containers, by id, name and prefix. Every change goes to the database before anybody sees it. */
export interface Catalog {
  readonly endings: Topic<Ending>
  all(): readonly Entry[]
  get(id: ContainerId): Entry | undefined
  /** By name (with or without slash), id or unique prefix. `not-found`: `No such container: x`. */
  find(name: string): Entry
  isTaken(name: string): boolean
  /** `conflict` with Docker's text when the name is in use. */
  assertFree(name: string): void
  add(record: ContainerRecord): Entry
  /** Takes in a record that the database has already. */
  restore(record: ContainerRecord): Entry
  change(entry: Entry, change: Partial<Omit<ContainerRecord, 'id'>>): void
  setState(entry: Entry, state: ContainerState): void
  remove(entry: Entry): void
}

type MutableEntry = { -readonly [K in keyof Entry]: Entry[K] }

export function createCatalog(records: ContainerRecords): Catalog {
  const entries = new Map<ContainerId, MutableEntry>()
  const names = new Map<string, ContainerId>()
  const endings = createTopic<Ending>()

  function restore(record: ContainerRecord): Entry {
    const entry: MutableEntry = {
      id: record.id,
      record,
      task: undefined,
      spec: undefined,
      joiners: new Set(),
      restart: undefined,
      backOff: 0,
      keepAfterExit: false,
      stopping: false,
      health: undefined,
      probing: undefined,
      rootHolds: 0,
      mayRestart: true,
    }
    entries.set(record.id, entry)
    names.set(record.name, record.id)
    return entry
  }

  function find(name: string): Entry {
    const wanted = name.replace(/^\//, '')
    const exact = entries.get(wanted as ContainerId) ?? entries.get(names.get(wanted) as ContainerId)
    if (exact) return exact
    const matches = /^[0-9a-f]+$/.test(wanted)
      ? Array.from(entries.values()).filter(({ id }) => id.startsWith(wanted))
      : []
    const [match, second] = matches
    if (second) throw failure('invalid', `Multiple IDs found with provided prefix: ${wanted}`)
    if (!match) throw failure('not-found', `No such container: ${name}`)
    return match
  }

  function assertFree(name: string): void {
    const holder = names.get(name)
    if (holder === undefined) return
    throw failure(
      'conflict',
      `Conflict. The container name "/${name}" is already in use by container "${holder}". You have to remove (or rename) that container to be able to reuse that name.`,
    )
  }

  function change(entry: Entry, values: Partial<Omit<ContainerRecord, 'id'>>): void {
    const next = { ...entry.record, ...values }
    records.put(next)
    if (next.name !== entry.record.name) {
      names.delete(entry.record.name)
      names.set(next.name, entry.id)
    }
    ;(entry as MutableEntry).record = next
  }

  return {
    endings,
    all: () => Array.from(entries.values()),
    get: (id) => entries.get(id),
    find,
    isTaken: (name) => names.has(name),
    assertFree,
    restore,
    add(record) {
      assertFree(record.name)
      records.put(record)
      return restore(record)
    },
    change,
    setState: (entry, state) => change(entry, { state }),
    remove(entry) {
      records.remove(entry.id)
      entries.delete(entry.id)
      names.delete(entry.record.name)
    },
  }
}
