import assert from 'node:assert/strict'
import { appendFileSync, linkSync, mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import type { LogQuery, LogRecord } from '../contract.ts'
import { readLog } from './log-reader.ts'

const BOTH = { stdout: true, stderr: true }

function openFolder(): { path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'slw-log-'))
  return { path: join(folder, 'log'), [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

function lines(...numbers: readonly number[]): string {
  return numbers.map((number) => `2026-11-21T05:00:0${number}.000000001+00:00 stdout F ${number}\n`).join('')
}

async function numbersOf(path: string, query: Partial<LogQuery> = {}): Promise<string> {
  return textOf(await Array.fromAsync(readLog(path, { ...BOTH, ...query })))
}

function textOf(records: readonly LogRecord[]): string {
  return records.map(({ data }) => data.toString().trim()).join(' ')
}

/** What a rotation does, with what conmon writes into the old file before it comes to the new one. */
function rotate(path: string, { late = '', fresh = '' } = {}): void {
  linkSync(path, `${path}.1`)
  appendFileSync(path, late)
  writeFileSync(`${path}.tmp`, fresh)
  renameSync(`${path}.tmp`, path)
}

test('all files of a log are read, the oldest first, also in the middle of a rotation', async () => {
  using log = openFolder()
  writeFileSync(`${log.path}.2`, lines(1, 2))
  writeFileSync(`${log.path}.1`, lines(3))
  writeFileSync(log.path, lines(4, 5))
  assert.equal(await numbersOf(log.path), '1 2 3 4 5')
  renameSync(`${log.path}.2`, `${log.path}.3`)
  renameSync(`${log.path}.1`, `${log.path}.2`)
  assert.equal(await numbersOf(log.path), '1 2 3 4 5')
  linkSync(log.path, `${log.path}.1`)
  assert.equal(await numbersOf(log.path), '1 2 3 4 5')
})

test('the tail goes back over as many files as it must', async () => {
  using log = openFolder()
  writeFileSync(`${log.path}.2`, lines(1, 2))
  writeFileSync(`${log.path}.1`, lines(3, 4))
  writeFileSync(log.path, lines(5))
  for (const [tail, expected] of [
    [0, ''],
    [1, '5'],
    [2, '4 5'],
    [3, '3 4 5'],
    [4, '2 3 4 5'],
    [9, '1 2 3 4 5'],
  ] as const) {
    assert.equal(await numbersOf(log.path, { tail }), expected)
  }
  writeFileSync(log.path, '')
  assert.equal(await numbersOf(log.path, { tail: 1 }), '4')
})

test('who follows gets every line once, over several rotations', async () => {
  using log = openFolder()
  writeFileSync(log.path, lines(1))
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const records = readLog(log.path, { ...BOTH, follow: { ended } })
  const next = async (): Promise<string> => textOf([(await records.next()).value as LogRecord])
  assert.equal(await next(), '1')
  const waiting = next()
  rotate(log.path, { late: lines(2), fresh: lines(3) })
  assert.equal(await waiting, '2')
  assert.equal(await next(), '3')
  renameSync(`${log.path}.1`, `${log.path}.2`)
  rotate(log.path, { late: lines(4) })
  renameSync(`${log.path}.2`, `${log.path}.3`)
  renameSync(`${log.path}.1`, `${log.path}.2`)
  appendFileSync(log.path, lines(5))
  rotate(log.path, { late: lines(6), fresh: lines(7) })
  resolve()
  assert.equal(textOf(await Array.fromAsync(records)), '4 5 6 7')
})
