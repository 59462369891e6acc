import assert from 'node:assert/strict'
import { once } from 'node:events'
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { Worker } from 'node:worker_threads'
import { confineThread } from '../../../src/kernel/index.ts'
import type { ConfinedData } from './confined-worker.ts'
import { openFolder } from './lab.ts'

test('a confined thread reaches nothing outside, and the rest of the program is as before', async () => {
  using folder = openFolder()
  const root = folder.folder('root')
  mkdirSync(join(root, 'below'))
  writeFileSync(join(folder.path, 'secret'), 'outside')
  symlinkSync('/etc/passwd', join(root, 'link'))
  symlinkSync('../secret', join(root, 'link-up'))
  const before = { cwd: process.cwd(), umask: process.umask(), root: readdirSync('/').toSorted() }
  const gate = new Int32Array(new SharedArrayBuffer(4))
  const workerData: ConfinedData = { folder: root, gate }
  const worker = new Worker(new URL('./confined-worker.ts', import.meta.url), { workerData })

  const [{ inside }] = await once(worker, 'message')
  const names = ['below', 'link', 'link-up', 'made']
  assert.deepEqual(inside, {
    root: names,
    here: names,
    up: names,
    absolute: 'ENOENT',
    link: 'ENOENT',
    linkUp: 'ENOENT',
    proc: 'ENOENT',
    modes: [0o777, 0o666],
    xattr: 'value',
    badEnter: 'EBADF',
    still: names,
  })
  assert.deepEqual({ cwd: process.cwd(), umask: process.umask(), root: readdirSync('/').toSorted() }, before)
  assert.equal(existsSync('/made'), false)
  assert.equal(readFileSync(join(root, 'made/file'), 'utf8'), 'by the worker')

  Atomics.store(gate, 0, 1)
  Atomics.notify(gate, 0)
  const [{ outside }] = await once(worker, 'message')
  assert.deepEqual(outside, {
    passwd: 'string',
    folder: names,
    again: 'this thread has a root of its own already',
    spawn: 'a worker thread cannot spawn: it does not hear of the end of a child',
  })
  await worker.terminate()
})

test('the main thread is not to be confined', () => {
  assert.throws(() => confineThread(), /main thread/)
})
