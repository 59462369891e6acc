import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { parseDaemonOptions } from '../../../src/daemon/options.ts'
import { mustRun } from '../../fixtures/command.ts'
import { findLeaks } from '../../fixtures/leaks.ts'

const script = resolve(import.meta.dirname, '../../../scripts/quickstart')

test('the quickstart works, works again, and removes all that it made', { timeout: 180_000 }, async () => {
  const execRoot = mkdtempSync('/run/slw-quick-')
  const dataRoot = mkdtempSync(join(tmpdir(), 'slw-quick-'))
  const env = { ...process.env, SLIPWAY_QUICKSTART_DATA: dataRoot, SLIPWAY_QUICKSTART_RUN: execRoot }
  const { instance, cgroupParent } = parseDaemonOptions(['--exec-root', execRoot, '--data-root', dataRoot])
  try {
    const first = await mustRun(script, [], { env, timeout: 120_000 })
    assert.match(first.stdout, /^Hello from a container$/m)
    assert.match(first.stdout, /^Slipway works$/m)
    assert.match(first.stdout, new RegExp(`export DOCKER_HOST=unix://${execRoot}/slipway.sock`))
    const second = await mustRun(script, [], { env, timeout: 120_000 })
    assert.match(second.stdout, /runs already/)
    assert.match(second.stdout, /^Slipway works$/m)
  } finally {
    const removed = await mustRun(script, ['--remove'], { env, timeout: 120_000 })
    assert.match(removed.stdout, /^nothing is left$/m)
    for (const path of [dataRoot, execRoot]) rmSync(path, { recursive: true, force: true })
  }
  assert.deepEqual(await findLeaks({ dataRoot, execRoot, cgroupParent, instance, containerIds: [] }), [])
  assert.equal(existsSync(dataRoot) || existsSync(execRoot), false)
})
