import assert from 'node:assert/strict'
import { test } from 'node:test'
import { logRotationOf, verifyLogOptions } from './log-options.ts'

const json = (config: Record<string, string>) => ({ type: 'json-file', config })

test('options that make no sense are refused in the words of docker', () => {
  const refused: readonly [Record<string, string>, string][] = [
    [{ color: '1' }, `unknown log opt 'color' for json-file log driver`],
    [{ 'max-size': 'much' }, `invalid size: 'much'`],
    [{ 'max-size': '0' }, 'max-size must be a positive number'],
    [{ 'max-file': 'x' }, 'strconv.Atoi: parsing "x": invalid syntax'],
    [{ 'max-file': '0' }, 'max-file cannot be less than 1'],
    [{ compress: 'perhaps' }, 'strconv.ParseBool: parsing "perhaps": invalid syntax'],
    [{ compress: 'true' }, 'compress cannot be true when max-file is less than 2 or max-size is not set'],
    [{ mode: 'fast' }, 'logger: logging mode not supported: fast'],
    [{ 'max-buffer-size': '1m' }, `logger: max-buffer-size option is only supported with 'mode=non-blocking'`],
  ]
  for (const [config, message] of refused) {
    assert.throws(() => verifyLogOptions(json(config)), { kind: 'invalid', message })
  }
  verifyLogOptions({ type: 'none', config: { anything: 'x' } })
  verifyLogOptions(json({ 'max-size': '1m', 'max-file': '2', compress: 'true', labels: 'a', mode: 'non-blocking' }))
})

test('limits of logs are in powers of 1000, and each driver has its own defaults', () => {
  assert.equal(logRotationOf(json({})), undefined)
  assert.deepEqual(logRotationOf(json({ 'max-size': '10k' })), { maxSize: 10_000, maxFiles: 1 })
  assert.deepEqual(logRotationOf(json({ 'max-size': '1.5m', 'max-file': '3' })), { maxSize: 1_500_000, maxFiles: 3 })
  assert.deepEqual(logRotationOf({ type: 'local', config: {} }), { maxSize: 20_000_000, maxFiles: 5 })
})
