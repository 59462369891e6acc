import assert from 'node:assert/strict'
import { test } from 'node:test'
import { isProcessAlive, killProcess, parseStat, processStartTime } from './processes.ts'

test('state and start time are found behind any name that a program gives itself', () => {
  const rest = 'S 1 2 3 0 -1 4194560 1 2 3 4 5 6 7 8 20 0 1 0 4242 9 9'
  for (const name of ['sleep', 'a b', ') Z 1 2', '((x', 'x) S (']) {
    assert.deepEqual(parseStat(`77 (${name}) ${rest}`), { state: 'S', startTime: '4242' })
  }
})

test('this process lives, under its own start time alone', () => {
  const time = processStartTime(process.pid)
  assert.match(time ?? '', /^\d+$/)
  assert.equal(isProcessAlive(process.pid), true)
  assert.equal(isProcessAlive(process.pid, time), true)
  assert.equal(isProcessAlive(process.pid, `${time}0`), false)
})

test('a number beyond all processes is nobody', () => {
  const nobody = 2 ** 30
  assert.equal(processStartTime(nobody), undefined)
  assert.equal(isProcessAlive(nobody), false)
  assert.equal(killProcess(nobody, 9), false)
})

test('numbers that mean groups of processes to the kernel are refused', () => {
  for (const pid of [0, -1, -77, Number.NaN, 1.5]) assert.throws(() => killProcess(pid, 0), RangeError)
})
