import assert from 'node:assert/strict'
import { existsSync, readdirSync } from 'node:fs'
import { dirname } from 'node:path'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

/** Writes numbered lines until the file /stop is there, and the last one with a word of its own. */
const COUNTING =
  'i=0; while [ ! -e /stop ]; do i=$((i+1)); echo line $i; [ $((i % 50)) = 0 ] && usleep 20000; done; echo last'

async function logFiles(name: string): Promise<readonly string[]> {
  const path = await daemon.output(['inspect', '-f', '{{.LogPath}}', name])
  return readdirSync(dirname(path)).filter((file) => file.includes('.log'))
}

/** The numbers of lines, which must go up by one each. */
function assertUnbroken(text: string): number {
  const numbers = text.split('\n').flatMap((line) => (line.startsWith('line ') ? [Number(line.slice(5))] : []))
  const [first = 0] = numbers
  assert.deepEqual(
    numbers,
    numbers.map((_, index) => first + index),
  )
  return first
}

test('options are refused by name, with the words of docker', async () => {
  const cases: readonly (readonly [readonly string[], RegExp])[] = [
    [['--log-opt', 'colour=red'], /unknown log opt 'colour' for json-file log driver/],
    [['--log-driver', 'local', '--log-opt', 'max-size=x'], /invalid size: 'x'/],
    [['--log-opt', 'max-file=0'], /max-file cannot be less than 1/],
  ]
  for (const [options, message] of cases) {
    const { code, stderr } = await daemon.docker(['create', ...options, 'busybox'])
    assert.equal(code, 1)
    assert.match(stderr, message)
  }
})

test('a log rotates while it is followed, and no line is lost or told twice', async () => {
  const options = ['--log-driver', 'local', '--log-opt', 'max-size=20k', '--log-opt', 'max-file=3']
  await daemon.output(['run', '-d', '--name', 'writer', ...options, 'busybox', 'sh', '-c', COUNTING])
  const following = daemon.output(['logs', '-f', 'writer'])
  await waitFor(async () => (await logFiles('writer')).length === 3, { what: 'three files', timeout: 30_000 })
  const path = await daemon.output(['inspect', '-f', '{{.LogPath}}', 'writer'])
  await waitFor(async () => assertUnbroken(await daemon.output(['logs', 'writer'])) > 1, {
    what: 'the first file to be gone',
    timeout: 30_000,
  })
  await daemon.output(['exec', 'writer', 'touch', '/stop'])
  const followed = await following
  assert.equal(assertUnbroken(followed), 1)
  assert.ok(followed.endsWith('last'))
  const kept = await daemon.output(['logs', 'writer'])
  assertUnbroken(kept)
  assert.ok(followed.endsWith(kept))
  assert.equal((await logFiles('writer')).length, 3)
  assert.equal(await daemon.output(['logs', '--tail', '1000', 'writer']), kept.split('\n').slice(-1000).join('\n'))
  await daemon.output(['rm', 'writer'])
  assert.equal(existsSync(dirname(path)), false)
})

test('one file that is full begins anew', async () => {
  const options = ['--log-opt', 'max-size=20k']
  await daemon.output(['run', '-d', '--name', 'single', ...options, 'busybox', 'sh', '-c', COUNTING])
  await waitFor(async () => assertUnbroken(await daemon.output(['logs', 'single'])) > 1, {
    what: 'a rotation',
    timeout: 30_000,
  })
  assert.equal((await logFiles('single')).length, 1)
  await daemon.output(['rm', '-f', 'single'])
})

test('rotation goes on under the next daemon', async () => {
  const options = ['--log-opt', 'max-size=20k', '--log-opt', 'max-file=2']
  await daemon.output(['run', '-d', '--name', 'outlives', ...options, 'busybox', 'sh', '-c', COUNTING])
  await daemon.kill9()
  await daemon.restart()
  await waitFor(async () => assertUnbroken(await daemon.output(['logs', 'outlives'])) > 1, {
    what: 'a rotation',
    timeout: 30_000,
  })
  assert.equal((await logFiles('outlives')).length, 2)
  await daemon.output(['rm', '-f', 'outlives'])
})

test('details are the labels and variables that were asked for', async () => {
  const options = ['--log-opt', 'labels=tier', '--log-opt', 'env=SITE', '--label', 'tier=web', '-e', 'SITE=a b']
  await daemon.output(['run', '--name', 'told', ...options, 'busybox', 'echo', 'hello'])
  assert.equal(await daemon.output(['logs', '--details', 'told']), 'SITE=a+b,tier=web hello')
  await daemon.output(['rm', 'told'])
})
