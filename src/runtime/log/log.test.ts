import assert from 'node:assert/strict'
import { appendFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseTimestamp } from '../../base/index.ts'
import type { LogQuery, LogRecord } from '../contract.ts'
import { readLog } from './log-reader.ts'
import { createRecordParser } from './record.ts'

const BOTH = { stdout: true, stderr: true }

/** A log file of its own, gone with the test. */
function logFile(content: string | Buffer): { path: string } & Disposable {
  const folder = mkdtempSync(join(tmpdir(), 'slw-log-'))
  const path = join(folder, 'log')
  writeFileSync(path, content)
  return { path, [Symbol.dispose]: () => rmSync(folder, { recursive: true }) }
}

function line(second: number, rest: string): string {
  return `2026-11-21T05:00:${String(second).padStart(2, '0')}.000000001+00:00 ${rest}\n`
}

async function collect(path: string, query: Partial<LogQuery> = {}): Promise<LogRecord[]> {
  return Array.fromAsync(readLog(path, { ...BOTH, ...query }))
}

const textOf = (records: readonly LogRecord[]): string => records.map(({ data }) => data.toString('latin1')).join('')

test('a record holds its time to the nanosecond, its stream and its bytes', () => {
  const parse = createRecordParser()
  const bytes = Buffer.from('2026-11-21T05:00:01.123456789+02:00 stderr P \x00 a b \xff', 'latin1')
  const record = parse(bytes, { start: 0, end: bytes.length })
  assert.equal(record?.time, parseTimestamp('2026-11-21T03:00:01.123456789Z'))
  assert.equal(record?.stream, 'stderr')
  assert.equal(record?.partial, true)
  assert.equal(record?.data.toString('latin1'), '\x00 a b \xff')
})

test('the parser follows changes of the second and of the time zone', () => {
  const parse = createRecordParser()
  for (const time of [
    '2026-11-21T05:00:01.000000001+00:00',
    '2026-11-21T05:00:01.000000002+01:00',
    '2026-11-21T05:00:02.000000002+01:00',
    '2026-11-21T05:00:02.999999999+01:00',
    '12026-11-21T05:00:02.999999999+01:00',
  ]) {
    const bytes = Buffer.from(`${time} stdout F x\n`)
    assert.equal(parse(bytes, { start: 0, end: bytes.length - 1 })?.time, parseTimestamp(time), time)
  }
})

test('what is no record is passed over', async () => {
  using log = logFile(
    `${line(1, 'stdout F one')}garbage\n\n2026 stdout F x\n${line(2, 'stdout X no')}${line(3, 'stdout F two')}`,
  )
  assert.equal(textOf(await collect(log.path)), 'one\ntwo\n')
})

test('parts of a line are joined without adding anything, and the last needs no newline', async () => {
  using log = logFile(
    line(1, 'stdout P ab') + line(1, 'stderr F err') + line(1, 'stdout F c') + line(2, 'stdout P end'),
  )
  const records = await collect(log.path, { stderr: false })
  assert.equal(textOf(records), 'abc\nend')
  assert.deepEqual(
    records.map(({ partial }) => partial),
    [true, false, true],
  )
})

test('a record cut by a crash gives what is there', async () => {
  using log = logFile(`${line(1, 'stdout F one')}2026-11-21T05:00:02.000000001+00:00 stdout F tw`)
  assert.equal(textOf(await collect(log.path)), 'one\ntw')
  using tiny = logFile('2026-11-21T05')
  assert.equal(textOf(await collect(tiny.path)), '')
})

test('a log that does not exist is empty', async () => {
  assert.deepEqual(await collect('/nonexistent/log'), [])
  assert.deepEqual(await collect('/nonexistent/log', { follow: { ended: new Promise(() => {}) } }), [])
})

const NUMBERED = Array.from({ length: 50 }, (_, i) => line(i, `${i % 2 ? 'stderr' : 'stdout'} F line ${i}`)).join('')

test('the tail counts lines of both streams and then chooses', async () => {
  using log = logFile(NUMBERED)
  assert.equal(textOf(await collect(log.path, { tail: 2 })), 'line 48\nline 49\n')
  assert.equal(textOf(await collect(log.path, { tail: 4, stdout: false })), 'line 47\nline 49\n')
  assert.equal(textOf(await collect(log.path, { tail: 0 })), '')
  assert.equal((await collect(log.path, { tail: 50 })).length, 50)
  assert.equal((await collect(log.path, { tail: 1000 })).length, 50)
})

test('a line of the tail is whole, however many parts it has and whatever stands between', async () => {
  const parts = Array.from(
    { length: 40 },
    (_, i) => line(2, `stdout P ${'x'.repeat(8192)}`) + line(2, `stderr F e${i}`),
  )
  using log = logFile(line(1, 'stdout F before') + parts.join('') + line(3, 'stdout F end') + line(4, 'stdout P rest'))
  const records = await collect(log.path, { tail: 2 })
  assert.equal(textOf(records), `${'x'.repeat(8192 * 40)}end\nrest`)
  assert.equal(textOf(await collect(log.path, { tail: 1 })), 'rest')
  assert.equal(textOf(await collect(log.path, { tail: 3, stdout: false })), 'e39\n')
})

test('the tail of a long log is found from its end', async () => {
  using log = logFile(
    Array.from({ length: 20_000 }, (_, i) => line(i % 60, `stdout F ${i} ${'y'.repeat(60)}`)).join(''),
  )
  const records = await collect(log.path, { tail: 1500 })
  assert.equal(records.length, 1500)
  assert.ok(records[0]?.data.toString().startsWith('18500 '))
})

test('since and until are inclusive', async () => {
  using log = logFile(NUMBERED)
  const at = (second: number) => parseTimestamp(`2026-11-21T05:00:${second}.000000001Z`) ?? 0n
  assert.equal(textOf(await collect(log.path, { since: at(20), until: at(22) })), 'line 20\nline 21\nline 22\n')
})

test('following delivers what is written later, and ends when all is read', async () => {
  using log = logFile(line(1, 'stdout F one'))
  const { promise: ended, resolve } = Promise.withResolvers<void>()
  const records = readLog(log.path, { ...BOTH, follow: { ended } })
  assert.equal(textOf([(await records.next()).value as LogRecord]), 'one\n')
  const next = records.next()
  const [begin, rest] = [line(2, 'stdout F two').slice(0, 30), line(2, 'stdout F two').slice(30)]
  appendFileSync(log.path, begin)
  appendFileSync(log.path, rest)
  assert.equal(textOf([(await next).value as LogRecord]), 'two\n')
  appendFileSync(log.path, line(3, 'stderr F three'))
  resolve()
  assert.equal(textOf(await Array.fromAsync(records)), 'three\n')
})

test('following from the end gives only what is new, and a fired signal ends it', async () => {
  using log = logFile(NUMBERED)
  const stop = new AbortController()
  const records = readLog(log.path, { ...BOTH, tail: 0, follow: { ended: new Promise(() => {}) }, signal: stop.signal })
  const first = records.next()
  const writer = setInterval(() => appendFileSync(log.path, line(59, 'stdout F new')), 5)
  assert.equal(textOf([(await first.finally(() => clearInterval(writer))).value as LogRecord]), 'new\n')
  stop.abort()
  assert.equal((await Array.fromAsync(records)).length < 2, true)
})
