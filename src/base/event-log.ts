import { type AbortOptions, orAborted } from './abort.ts'
import type { Clock, Timestamp } from './clock.ts'
import type { Database } from './database.ts'
import { createTopic } from './topic.ts'

/** Something that happened to an object of the engine. */
export interface Event {
  readonly type: string
  readonly action: string
  readonly id: string
  readonly attributes: Readonly<Record<string, string>>
  readonly time: Timestamp
}

export interface EventLog {
  /** Stamps the event and announces it at once; it is durable a moment later, together with its neighbours. */
  publish(event: Omit<Event, 'time'>): void
  /**
   * Recorded events from `since` on, then live ones until `until` has passed or the signal fires; in order, each once.
   * Without `since` only live ones; with an `until` in the past only recorded ones.
   */
  read(query: { readonly since?: Timestamp; readonly until?: Timestamp } & AbortOptions): AsyncIterableIterator<Event>
  /** Writes what is still in memory, and nothing that is published afterwards. Before the database is closed. */
  close(): void
}

const SCHEMA = [
  `CREATE TABLE events (time INTEGER PRIMARY KEY, type TEXT NOT NULL, action TEXT NOT NULL, id TEXT NOT NULL,
    attributes TEXT NOT NULL) STRICT`,
]

/** Rows kept; the oldest tenth goes when the number is passed. */
const CAPACITY = 100_000

/** Milliseconds that a published event may wait for neighbours before one transaction writes them all. */
const GATHER = 50

export function createEventLog({ db, clock }: { readonly db: Database; readonly clock: Clock }): EventLog {
  db.migrate('events', SCHEMA)
  const topic = createTopic<Event>()
  let count = Number(db.get('SELECT count(*) AS n FROM events')?.n ?? 0)
  let pending: Event[] = []
  let timer: NodeJS.Timeout | undefined
  let closed = false

  function publish(event: Omit<Event, 'time'>): void {
    const stamped = { ...event, time: clock.now() }
    if (!closed) {
      pending.push(stamped)
      timer ??= setTimeout(flush, GATHER)
    }
    topic.publish(stamped)
  }

  function flush(): void {
    clearTimeout(timer)
    timer = undefined
    if (pending.length === 0) return
    const batch = pending
    pending = []
    db.transaction(() => {
      for (const { time, type, action, id, attributes } of batch) {
        db.run(
          'INSERT OR IGNORE INTO events VALUES (?, ?, ?, ?, ?)',
          time,
          type,
          action,
          id,
          JSON.stringify(attributes),
        )
      }
    })
    count += batch.length
    if (count > CAPACITY) trim()
  }

  function trim(): void {
    const { changes } = db.run(
      'DELETE FROM events WHERE time IN (SELECT time FROM events ORDER BY time LIMIT ?)',
      count - CAPACITY + CAPACITY / 10,
    )
    count -= changes
  }

  function recorded(since: Timestamp, until: Timestamp | undefined): Event[] {
    flush()
    const rows = db.all(
      'SELECT CAST(time AS TEXT) AS time, type, action, id, attributes FROM events WHERE time >= ? AND time <= ? ORDER BY time',
      since,
      until ?? 2n ** 63n - 1n,
    )
    return rows.map((row) => ({
      time: BigInt(String(row.time)),
      type: String(row.type),
      action: String(row.action),
      id: String(row.id),
      attributes: JSON.parse(String(row.attributes)) as Record<string, string>,
    }))
  }

  async function* read({
    since,
    until,
    signal,
  }: { since?: Timestamp; until?: Timestamp } & AbortOptions): AsyncGenerator<Event> {
    const ended = new AbortController()
    const stop = signal ? AbortSignal.any([signal, ended.signal]) : ended.signal
    const live = topic.values({ signal: stop })
    const past = since === undefined ? [] : recorded(since, until)
    const remaining = until === undefined ? undefined : Number((until - clock.now()) / 1_000_000n)
    const alarm = remaining === undefined ? undefined : setTimeout(() => ended.abort(), clampDelay(remaining))
    try {
      yield* past
      const last = past.at(-1)?.time ?? 0n
      for (;;) {
        const next = await orAborted(live.next(), stop).catch(() => undefined)
        if (next === undefined || next.done) return
        if (next.value.time > last) yield next.value
      }
    } finally {
      clearTimeout(alarm)
      ended.abort()
      await live.return?.()
    }
  }

  function close(): void {
    flush()
    closed = true
  }

  return { publish, read, close }
}

function clampDelay(ms: number): number {
  return Math.min(Math.max(ms, 0), 2 ** 31 - 1)
}
