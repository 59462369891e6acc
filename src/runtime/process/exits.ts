import { type FSWatcher, mkdirSync, readdirSync, readFileSync, rmSync, statSync, watch } from 'node:fs'
import { join } from 'node:path'
import { hasCode, type Timestamp } from '../../base/index.ts'

export interface ExitRecord {
  readonly code: number
  readonly at: Timestamp
}

/** The folder into which conmon writes exit codes, whether somebody watches or not. */
export interface Exits {
  read(id: string): ExitRecord | undefined
  /** Calls back once, when the file of the container is there; at once when it is there already. */
  listen(id: string, callback: (exit: ExitRecord) => void): Disposable
  remove(id: string): void
  /** Containers with an exit file. */
  ids(): readonly string[]
  close(): void
}

export function openExits(folder: string): Exits {
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  const listeners = new Map<string, (exit: ExitRecord) => void>()

  const read = (id: string): ExitRecord | undefined => readExit(join(folder, id))

  function check(id: string): void {
    const callback = listeners.get(id)
    const exit = callback && read(id)
    if (!exit) return
    listeners.delete(id)
    callback(exit)
  }

  const checkAll = (): void => {
    for (const id of listeners.keys()) check(id)
  }

  const watcher: FSWatcher = watch(folder, (_, name) => {
    // Without a name the queue of events has run over.
    if (name === null) checkAll()
    else check(name)
  })
  watcher.on('error', checkAll)

  return {
    read,
    listen: (id, callback) => {
      listeners.set(id, callback)
      check(id)
      return { [Symbol.dispose]: () => void listeners.delete(id) }
    },
    remove: (id) => rmSync(join(folder, id), { force: true }),
    // conmon writes aside first, into `<id>.XXXXXX`.
    ids: () => readdirSync(folder).filter((name) => !name.includes('.')),
    close: () => watcher.close(),
  }
}

function readExit(path: string): ExitRecord | undefined {
  try {
    const code = Number(readFileSync(path, 'utf8'))
    return { code, at: statSync(path, { bigint: true }).mtimeNs }
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}
