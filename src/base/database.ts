import { DatabaseSync, type SQLInputValue, type StatementSync } from 'node:sqlite'
import { failure } from './errors.ts'

export type Row = Record<string, SQLInputValue>

/**
 * The metadata database: one file, write-ahead log, synchronous=FULL, so that a returned write survives a crash.
 * All calls are synchronous and short. Each room owns its tables, prefixed with the room's name.
 */
export interface Database {
  /**
   * Brings a room's tables to its newest version: `steps[n]` is SQL that leads from version n to n+1, run once each,
   * all in one transaction. Never edit a step that has been released; add one. Fails with `unavailable` when the file
   * was written by a newer version.
   */
  migrate(room: string, steps: readonly string[]): void
  /** Prepared once per SQL text and kept. */
  run(sql: string, ...values: SQLInputValue[]): { readonly changes: number }
  get<T extends Row = Row>(sql: string, ...values: SQLInputValue[]): T | undefined
  all<T extends Row = Row>(sql: string, ...values: SQLInputValue[]): T[]
  /** All or nothing. Inside another transaction it becomes a part of that one. `work` must not be async. */
  transaction<T>(work: () => T): T
  close(): void
}

/** Opens or creates the file. `:memory:` gives a private one for tests. The caller closes. */
export function openDatabase(path: string): Database {
  const db = openFile(path)
  const statements = new Map<string, StatementSync>()
  let depth = 0

  function prepare(sql: string): StatementSync {
    const known = statements.get(sql)
    if (known) return known
    const made = db.prepare(sql)
    statements.set(sql, made)
    return made
  }

  function transaction<T>(work: () => T): T {
    if (depth > 0) return work()
    db.exec('BEGIN IMMEDIATE')
    depth += 1
    try {
      const result = work()
      db.exec('COMMIT')
      return result
    } catch (error) {
      if (db.isTransaction) db.exec('ROLLBACK')
      throw error
    } finally {
      depth -= 1
    }
  }

  function migrate(room: string, steps: readonly string[]): void {
    transaction(() => {
      const found = Number(prepare('SELECT version FROM schema_versions WHERE room = ?').get(room)?.version ?? 0)
      if (found > steps.length) {
        throw failure(
          'unavailable',
          `database ${path}: ${room} has schema version ${found}, this program knows ${steps.length}`,
          { hint: 'the data was written by a newer version: start that one, or use another --data-root' },
        )
      }
      for (const step of steps.slice(found)) db.exec(step)
      prepare(
        'INSERT INTO schema_versions VALUES (?, ?) ON CONFLICT (room) DO UPDATE SET version = excluded.version',
      ).run(room, steps.length)
    })
  }

  return {
    migrate,
    transaction,
    run: (sql, ...values) => ({ changes: Number(prepare(sql).run(...values).changes) }),
    get: <T extends Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).get(...values) as T | undefined,
    all: <T extends Row>(sql: string, ...values: SQLInputValue[]) => prepare(sql).all(...values) as T[],
    close: () => db.close(),
  }
}

function openFile(path: string): DatabaseSync {
  try {
    const db = new DatabaseSync(path)
    db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; PRAGMA foreign_keys = ON; PRAGMA busy_timeout = 5000;
      CREATE TABLE IF NOT EXISTS schema_versions (room TEXT PRIMARY KEY, version INTEGER NOT NULL) STRICT`)
    return db
  } catch (cause) {
    throw failure('unavailable', `cannot open database ${path}: ${String(cause)}`, { cause })
  }
}
