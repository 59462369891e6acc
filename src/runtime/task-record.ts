import { readFileSync } from 'node:fs'
import { hasCode, writeFileAtomic } from '../base/index.ts'
import type { ProcessId } from './process/conmon.ts'

/** What a later daemon must know to take a task over. */
export interface TaskRecord {
  readonly runtime: string
  readonly init: ProcessId
  readonly conmon: ProcessId
}

export function writeTaskRecord(path: string, record: TaskRecord): void {
  // The folder does not survive a power cut anyway.
  writeFileAtomic(path, JSON.stringify(record), { mode: 0o600, durable: false })
}

/** Undefined when the task has not been created completely. */
export function readTaskRecord(path: string): TaskRecord | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as TaskRecord
  } catch (error) {
    if (hasCode(error, 'ENOENT') || error instanceof SyntaxError) return undefined
    throw error
  }
}
