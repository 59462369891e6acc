import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ResourceLimits } from '../../runtime/index.ts'
import type { LimitSupport } from './limit-support.ts'
import { parseNumberList } from './number-list.ts'
import { verifyResources } from './resources.ts'

const MB = 1 << 20

const ALL: LimitSupport = {
  cgroupVersion: '1',
  cpus: 2,
  memory: true,
  swap: true,
  swappiness: true,
  oomKillDisable: true,
  cpuCfs: true,
  cpuset: true,
  pids: true,
  blkioWeight: true,
  availableCpus: '0-1',
  availableMems: '0',
}

test('limits of a capable host stay as they are', () => {
  const asked = { memory: 64 * MB, memorySwap: -1, nanoCpus: 1.5e9, pidsLimit: 10, cpusetCpus: '0-1', cpuShares: 2 }
  assert.deepEqual(verifyResources(asked, ALL), { resources: { ...asked, oomKillDisable: false }, warnings: [] })
})

test('swap is as much again as memory unless asked for', () => {
  const { memorySwap } = verifyResources({ memory: 64 * MB }, ALL).resources
  assert.equal(memorySwap, 128 * MB)
})

test('what makes no sense is refused in the words of docker', () => {
  const period = 'CPU cfs period can not be less than 1ms (i.e. 1000) or larger than 1s (i.e. 1000000)'
  const cpus = 'range of CPUs is from 0.01 to 2.00, as there are only 2 CPUs available'
  const cases: readonly [ResourceLimits, string][] = [
    [{ memory: 6 * MB - 1 }, 'Minimum memory limit allowed is 6MB'],
    [{ memory: -1 }, 'Minimum memory limit allowed is 6MB'],
    [
      { memory: 64 * MB, memorySwap: 63 * MB },
      'Minimum memoryswap limit should be larger than memory limit, see usage',
    ],
    [{ memorySwap: 64 * MB }, 'You should always set the Memory limit when using Memoryswap limit, see usage'],
    [{ memorySwappiness: 101 }, 'Invalid value: 101, valid memory swappiness range is 0-100'],
    [{ memorySwappiness: -2 }, 'Invalid value: -2, valid memory swappiness range is 0-100'],
    [{ memoryReservation: MB }, 'Minimum memory reservation allowed is 6MB'],
    [
      { memory: 8 * MB, memoryReservation: 9 * MB },
      'Minimum memory limit can not be less than memory reservation limit, see usage',
    ],
    [{ nanoCpus: 1e9, cpuPeriod: 1000 }, 'Conflicting options: Nano CPUs and CPU Period cannot both be set'],
    [{ nanoCpus: 1e9, cpuQuota: 1000 }, 'Conflicting options: Nano CPUs and CPU Quota cannot both be set'],
    [{ nanoCpus: 2.1e9 }, cpus],
    [{ nanoCpus: -1 }, cpus],
    [{ cpuPeriod: 999 }, period],
    [{ cpuPeriod: 1_000_001 }, period],
    [{ cpuQuota: 999 }, 'CPU cfs quota can not be less than 1ms (i.e. 1000)'],
    [{ cpuShares: -1 }, 'invalid CPU shares (-1): value must be a positive integer'],
    [{ cpusetCpus: '0-7' }, 'Requested CPUs are not available - requested 0-7, available: 0-1'],
    [{ cpusetCpus: 'x' }, 'Invalid value x for cpuset cpus: invalid format: x'],
    [{ cpusetMems: '1' }, 'Requested memory nodes are not available - requested 1, available: 0'],
    [{ blkioWeight: 9 }, 'Range of blkio weight is from 10 to 1000'],
    [{ blkioWeight: 1001 }, 'Range of blkio weight is from 10 to 1000'],
  ]
  for (const [asked, message] of cases) {
    assert.throws(() => verifyResources(asked, ALL), { kind: 'invalid', message })
  }
})

test('limits that the host cannot hold are left out with a warning', () => {
  const nothing: LimitSupport = {
    ...ALL,
    memory: false,
    swap: false,
    swappiness: false,
    oomKillDisable: false,
    cpuCfs: false,
    cpuset: false,
    pids: false,
    blkioWeight: false,
  }
  const asked = {
    memory: 64 * MB,
    memorySwappiness: 10,
    memoryReservation: 32 * MB,
    oomKillDisable: true,
    pidsLimit: 5,
    cpuShares: 2,
    cpuQuota: 5000,
    cpusetCpus: '9',
    blkioWeight: 100,
  }
  const { resources, warnings } = verifyResources(asked, nothing)
  assert.deepEqual(resources, {})
  assert.deepEqual(
    warnings.map((text) => text.replace(/^Your kernel does not support (.*?)( capabilities)?( or|\.| sch).*$/, '$1')),
    [
      'memory limit',
      'memory swappiness',
      'memory soft limit',
      'OomKillDisable',
      'PIDs limit',
      'CPU shares',
      'CPU CFS',
      'cpuset',
      'Block I/O weight',
    ],
  )
  assert.deepEqual(verifyResources({}, nothing), { resources: {}, warnings: [] })
  assert.throws(() => verifyResources({ nanoCpus: 1e9 }, nothing), { message: /^NanoCPUs can not be set, as/ })
})

test('memory without swap support is limited without swap', () => {
  const { resources, warnings } = verifyResources({ memory: 64 * MB, memorySwap: 80 * MB }, { ...ALL, swap: false })
  assert.equal(resources.memorySwap, -1)
  assert.match(warnings.join('\n'), /Memory limited without swap\.$/)
})

test('no OOM killer and no limit is warned of', () => {
  assert.match(verifyResources({ oomKillDisable: true }, ALL).warnings.join('\n'), /^OOM killer is disabled/)
  assert.deepEqual(verifyResources({ oomKillDisable: true, memory: 64 * MB }, ALL).warnings, [])
})

test('lists of numbers are read as the kernel reads them', () => {
  assert.deepEqual(parseNumberList(''), new Set())
  assert.deepEqual(parseNumberList('0-2,7'), new Set([0, 1, 2, 7]))
  for (const text of ['a', '1-', '-1', '2-1', '1,,2', '0-99999', '1-2-3', ' 1']) {
    assert.equal(parseNumberList(text), undefined, text)
  }
})
