import assert from 'node:assert/strict'
import { test } from 'node:test'
import { missingControllers, missingKernel } from './checks.ts'

test('kernels from 5.12 on are new enough', () => {
  for (const version of ['5.12.0', '5.15.0-91-generic', '6.1.0-18-amd64', '6.18.44', '10.0'])
    assert.deepEqual(missingKernel(version), [], version)
  for (const version of ['5.11.22', '5.4.0-170-generic', '4.19.0', ''])
    assert.match(missingKernel(version).join(), /^Linux .* is too old: 5\.12 or newer is needed$/)
})

test('controllers are missed by name, and in v2 only those that it knows', () => {
  const all = new Set(['cpu', 'memory', 'pids', 'devices', 'freezer', 'cpuset'])
  assert.deepEqual(missingControllers({ mode: 'hybrid', controllers: all }), [])
  assert.deepEqual(missingControllers({ mode: 'v2', controllers: new Set(['cpu', 'memory', 'pids', 'io']) }), [])
  assert.deepEqual(missingControllers({ mode: 'v2', controllers: new Set(['cpu']) }), [
    'cgroup controllers not available: memory, pids',
  ])
  assert.deepEqual(missingControllers({ mode: 'v1', controllers: new Set(['cpu', 'memory', 'pids']) }), [
    'cgroup controllers not available: devices, freezer',
  ])
})
