import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceLimits } from '../../runtime/index.ts'
import { changedLimits, mergeLimits } from './merge-limits.ts'

function merge(present: ResourceLimits, limits: ResourceLimits, withoutPidsLimit = false): ResourceLimits {
  return mergeLimits(present, { limits, withoutPidsLimit, restartPolicy: undefined })
}

test('what is asked for replaces what was there, the rest stays', () => {
  assert.deepEqual(merge({ memory: 10, memorySwap: 20, cpuShares: 5 }, { memory: 15, cpuShares: 6 }), {
    memory: 15,
    memorySwap: 20,
    cpuShares: 6,
  })
  assert.deepEqual(merge({ pidsLimit: 5, memory: 1 }, {}, true), { memory: 1 })
  assert.deepEqual(merge({ pidsLimit: 5 }, { pidsLimit: 7 }), { pidsLimit: 7 })
})

test('limits that only create sets are left alone', () => {
  const request = { limits: { oomKillDisable: true, memorySwappiness: 1 }, withoutPidsLimit: false }
  assert.deepEqual(changedLimits({ ...request, restartPolicy: undefined }), {})
})

test('what does not go together is a conflict', () => {
  const refuse = (present: ResourceLimits, limits: ResourceLimits, message: RegExp): void =>
    assert.throws(() => merge(present, limits), { kind: 'conflict', message })
  refuse({ nanoCpus: 1 }, { cpuQuota: 1000 }, /CPU Quota cannot be updated as NanoCPUs has already been set$/)
  refuse({ nanoCpus: 1 }, { cpuPeriod: 1000 }, /CPU Period cannot be updated as NanoCPUs has already been set$/)
  refuse({ cpuPeriod: 1000 }, { nanoCpus: 1 }, /Nano CPUs cannot be updated as CPU Period has already been set$/)
  refuse({ cpuQuota: 1000 }, { nanoCpus: 1 }, /Nano CPUs cannot be updated as CPU Quota has already been set$/)
  refuse({}, { memory: 10 }, /^Memory limit should be smaller than already set memoryswap limit/)
  assert.deepEqual(merge({}, { memory: 10, memorySwap: -1 }), { memory: 10, memorySwap: -1 })
})
