import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

/** What `docker diff` says after a script has run in a container, sorted. */
async function diffAfter(
  script: string,
  options: readonly string[] = [],
  image = 'busybox',
): Promise<readonly string[]> {
  await daemon.output(['run', '--name', 'changing', ...options, image, 'sh', '-c', script])
  const found = await daemon.output(['diff', 'changing'])
  await daemon.output(['rm', '-v', 'changing'])
  return found === '' ? [] : found.split('\n').toSorted()
}

test('a container that changes nothing has no changes, whatever is mounted in it', async () => {
  assert.deepEqual(await diffAfter('true'), [])
  const mounts = ['-v', '/data/deep', '-v', '/tmp:/host:ro', '--tmpfs', '/fast']
  assert.deepEqual(await diffAfter('echo >/data/deep/file; echo >/fast/file', mounts), [])
  await daemon.output(['create', '--name', 'unused', 'busybox'])
  assert.equal((await daemon.http('GET', '/containers/unused/changes')).body.toString().trim(), 'null')
  await daemon.output(['rm', 'unused'])
})

test('what is new, changed and deleted is told, with the folders that it is in', async () => {
  const script =
    'mkdir -p /new/sub; echo >/new/sub/file; echo more >>/etc/passwd; rm /etc/group; chmod 711 /root; ln -s x /l'
  assert.deepEqual(await diffAfter(script), [
    'A /l',
    'A /new',
    'A /new/sub',
    'A /new/sub/file',
    'C /etc',
    'C /etc/passwd',
    'C /root',
    'D /etc/group',
  ])
})

test('a folder that is deleted is one deletion, one that is made anew has lost what was in it', async () => {
  await daemon.output([
    'run',
    '--name',
    'base',
    'busybox',
    'sh',
    '-c',
    'mkdir -p /one/a /two/b; echo >/one/f; echo >/two/f',
  ])
  const { stdoutBytes } = await daemon.docker(['export', 'base'])
  await daemon.output(['import', '-', 'folders'], { input: stdoutBytes })
  const script = 'rm -r /one /two; mkdir /two; echo longer >/two/f'
  assert.deepEqual(await diffAfter(script, [], 'folders'), ['C /two', 'C /two/f', 'D /one', 'D /two/b'])
  await daemon.output(['rm', 'base'])
})

test('what is opened for writing and left as it was is no change', async () => {
  assert.deepEqual(await diffAfter(': >>/etc/passwd'), [])
  assert.deepEqual(await diffAfter('chown 1:1 /etc/passwd'), ['C /etc', 'C /etc/passwd'])
  assert.deepEqual(await diffAfter('echo >/tmp/x; rm /tmp/x'), [])
})

test('a folder in the place of a file and the reverse are changes', async () => {
  const script = 'rm /etc/group; mkdir /etc/group; echo >/etc/group/x; rm -r /root; echo >/root'
  assert.deepEqual(await diffAfter(script), ['A /etc/group/x', 'C /etc', 'C /etc/group', 'C /root'])
})
