import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ownLimits, parseLimits } from './limits.ts'

const TEXT = `Limit                     Soft Limit           Hard Limit           Units
Max cpu time              unlimited            unlimited            seconds
Max file size             unlimited            unlimited            bytes
Max stack size            8388608              unlimited            bytes
Max open files            1024                 524288               files
Max locked memory         8388608              8388608              bytes
Max nice priority         0                    0
Max realtime timeout      unlimited            unlimited            us
Max something new         1                    2                    things
`

test('limits are read under the names of ulimit, with and without unit', () => {
  const unlimited = { soft: Number.POSITIVE_INFINITY, hard: Number.POSITIVE_INFINITY }
  assert.deepEqual(parseLimits(TEXT), {
    cpu: unlimited,
    fsize: unlimited,
    stack: { soft: 8388608, hard: Number.POSITIVE_INFINITY },
    nofile: { soft: 1024, hard: 524288 },
    memlock: { soft: 8388608, hard: 8388608 },
    nice: { soft: 0, hard: 0 },
    rttime: unlimited,
  })
})

test('all sixteen limits of this process are known', () => {
  const limits = ownLimits()
  assert.equal(Object.keys(limits).length, 16)
  for (const { soft, hard } of Object.values(limits)) assert.ok(soft <= hard)
})
