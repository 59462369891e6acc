import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { mustRun } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { waitFor } from '../fixtures/wait-for.ts'

let daemon: TestDaemon
let folder: string

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
  folder = mkdtempSync(join(tmpdir(), 'slw-copy-'))
})
after(async () => {
  rmSync(folder, { recursive: true, force: true })
  await daemon[Symbol.asyncDispose]()
})

async function stat(container: string, path: string) {
  const answer = await daemon.http('HEAD', `/containers/${container}/archive?path=${encodeURIComponent(path)}`)
  const header = answer.headers['x-docker-container-path-stat']
  return { status: answer.status, stat: header && JSON.parse(Buffer.from(String(header), 'base64').toString()) }
}

/** Refused with this text. */
async function refused(args: readonly string[], text: RegExp): Promise<void> {
  const { code, stderr } = await daemon.docker(args)
  assert.equal(code, 1, args.join(' '))
  assert.match(stderr, text)
}

for (const state of ['created', 'running', 'stopped'] as const) {
  test(`files and folders are copied both ways while the container is ${state}`, async () => {
    const name = `copy-${state}`
    await daemon.output(['create', '--name', name, 'busybox', 'sleep', '86400'])
    if (state !== 'created') await daemon.output(['start', name])
    if (state === 'stopped') await daemon.output(['stop', '-t', '0', name])
    const source = join(folder, `source-${state}`)
    mkdirSync(join(source, 'sub'), { recursive: true })
    writeFileSync(join(source, 'file'), 'hello\n', { mode: 0o640 })
    symlinkSync('file', join(source, 'link'))
    writeFileSync(join(source, 'sub/deep'), 'deep')

    await daemon.output(['cp', join(source, 'file'), `${name}:/tmp/renamed`])
    await daemon.output(['cp', source, `${name}:/new`])
    await daemon.output(['cp', `${source}/.`, `${name}:/tmp`])
    assert.equal((await stat(name, '/new/file')).stat.mode, 0o640)
    assert.equal((await stat(name, '/tmp/sub/deep')).stat.size, 4)

    const back = join(folder, `back-${state}`)
    await daemon.output(['cp', `${name}:/new`, back])
    assert.equal(readFileSync(join(back, 'file'), 'utf8'), 'hello\n')
    assert.equal(readFileSync(join(back, 'sub/deep'), 'utf8'), 'deep')
    await daemon.output(['cp', `${name}:/tmp/renamed`, join(folder, `renamed-${state}`)])
    assert.equal(readFileSync(join(folder, `renamed-${state}`), 'utf8'), 'hello\n')
    const inside = join(folder, `inside-${state}`)
    mkdirSync(inside)
    await daemon.output(['cp', `${name}:/new/.`, inside])
    assert.equal(readFileSync(join(inside, 'link'), 'utf8'), 'hello\n')
    if (state === 'running') {
      assert.equal(await daemon.output(['exec', name, 'cat', '/new/link']), 'hello')
    }
    await daemon.output(['rm', '-f', name])
  })
}

test('a path is described as docker does it, links with what they lead to', async () => {
  const script =
    'mkdir -p /a/b; echo 12345 >/a/b/f; ln -s b /a/l; ln -s /a/l/f /ll; ln -s /nowhere/x /broken; chmod 4755 /a/b/f'
  await daemon.output(['run', '--name', 'described', 'busybox', 'sh', '-c', script])
  const file = (await stat('described', '/a/l/f')).stat
  assert.deepEqual(
    { ...file, mtime: typeof file.mtime },
    { name: 'f', size: 6, mode: 0o755 + 2 ** 23, mtime: 'string', linkTarget: '' },
  )
  assert.equal((await stat('described', '/a')).stat.mode, 0o755 + 2 ** 31)
  const link = (await stat('described', '/ll')).stat
  assert.deepEqual([link.name, link.mode, link.linkTarget], ['ll', 0o777 + 2 ** 27, '/a/b/f'])
  assert.equal((await stat('described', '/broken')).stat.linkTarget, '/nowhere/x')
  assert.equal((await stat('described', '/a/l')).stat.linkTarget, '/a/b')
  assert.equal((await stat('described', '/a/l/')).stat.mode, 0o755 + 2 ** 31)
  assert.equal((await stat('described', '/')).stat.name, '/')
  assert.equal((await stat('described', '/absent')).status, 404)
  await refused(['cp', 'described:/absent', '-'], /Could not find the file \/absent in container described/)
  await daemon.output(['cp', '-L', 'described:/ll', join(folder, 'followed')])
  assert.equal(readFileSync(join(folder, 'followed'), 'utf8'), '12345\n')
  await daemon.output(['rm', 'described'])
})

test('the archive names its members after the path as it was asked for', async () => {
  await daemon.output(['run', '--name', 'members', 'busybox', 'sh', '-c', 'mkdir -p /d/e; echo 1 >/d/f; ln -s d /s'])
  const list = async (path: string): Promise<readonly string[]> => {
    const { body } = await daemon.http('GET', `/containers/members/archive?path=${encodeURIComponent(path)}`)
    const { stdout } = await mustRun('tar', ['-tPf', '-'], { input: body })
    return stdout.trim().split('\n')
  }
  assert.deepEqual(await list('/d'), ['d/', 'd/e/', 'd/f'])
  assert.deepEqual(await list('/d/'), ['d/', 'd/e/', 'd/f'])
  assert.deepEqual(await list('/d/.'), ['./', './e/', './f'])
  assert.deepEqual(await list('/s/'), ['s/', 's/e/', 's/f'])
  assert.deepEqual(await list('/s'), ['s'])
  assert.deepEqual(await list('/s/f'), ['f'])
  assert.deepEqual((await list('/')).slice(0, 2), ['/', '/bin/'])
  await daemon.output(['rm', 'members'])
})

test('volumes and binds are reached in a running and in a stopped container, read-only ones refuse', async () => {
  const bind = join(folder, 'bind')
  mkdirSync(bind)
  writeFileSync(join(bind, 'there'), 'bound')
  const mounts = ['-v', 'copied:/vol/data', '-v', `${bind}:/bind`, '-v', `${bind}:/frozen:ro`]
  await daemon.output(['create', '--name', 'mounted', ...mounts, 'busybox', 'sleep', '86400'])
  writeFileSync(join(folder, 'one'), 'one')
  await daemon.output(['cp', join(folder, 'one'), 'mounted:/vol/data/one'])
  await daemon.output(['cp', join(folder, 'one'), 'mounted:/bind/'])
  assert.equal(readFileSync(join(bind, 'one'), 'utf8'), 'one')
  assert.equal(readFileSync(join(daemon.dataRoot, 'volumes/copied/_data/one'), 'utf8'), 'one')
  await daemon.output(['start', 'mounted'])
  assert.equal(await daemon.output(['exec', 'mounted', 'cat', '/vol/data/one']), 'one')
  await refused(['cp', join(folder, 'one'), 'mounted:/frozen/'], /mounted volume is marked read-only/)
  await daemon.output(['cp', 'mounted:/frozen/there', join(folder, 'thawed')])
  assert.equal(readFileSync(join(folder, 'thawed'), 'utf8'), 'bound')
  await daemon.output(['cp', 'mounted:/etc/hostname', join(folder, 'hostname')])
  assert.equal(readFileSync(join(folder, 'hostname'), 'utf8').trim().length, 12)
  await daemon.output(['rm', '-f', 'mounted'])
  await daemon.http('DELETE', '/volumes/copied')
})

test('a read-only root refuses, but its volumes do not', async () => {
  await daemon.output(['run', '-d', '--read-only', '--name', 'solid', '-v', '/open', 'busybox', 'sleep', '86400'])
  writeFileSync(join(folder, 'two'), 'two')
  await refused(['cp', join(folder, 'two'), 'solid:/tmp/two'], /container rootfs is marked read-only/)
  const { status } = await daemon.http('PUT', '/containers/solid/archive?path=/tmp', undefined)
  assert.equal(status, 403)
  await daemon.output(['cp', join(folder, 'two'), 'solid:/open/two'])
  assert.equal(await daemon.output(['exec', 'solid', 'cat', '/open/two']), 'two')
  await daemon.output(['rm', '-fv', 'solid'])
})

test('links of a container lead nowhere but into itself, with the host as process namespace, too', async () => {
  const secret = join(folder, 'secret')
  writeFileSync(secret, 'host')
  const script = [
    `mkdir -p ${folder}; ln -s ${secret} /out; ln -s / /root-link; ln -s ../../../../../.. /up`,
    'ln -s /proc/1/root /escape; ln -s /proc/self/root /self; echo ready; exec sleep 86400',
  ].join('; ')
  await daemon.output(['run', '-d', '--pid', 'host', '--privileged', '--name', 'sly', 'busybox', 'sh', '-c', script])
  await waitFor(async () => (await stat('sly', '/self')).status === 200, { what: 'the last link' })
  await refused(['cp', '-L', 'sly:/out', join(folder, 'stolen')], /Could not find the file|no such file/i)
  for (const path of [`/escape${secret}`, `/self${secret}`, `/up${secret}`, `/root-link${secret}`]) {
    assert.equal((await stat('sly', path)).status, 404, path)
  }
  writeFileSync(join(folder, 'three'), 'three')
  await daemon.output(['cp', join(folder, 'three'), `sly:/up/landed`])
  assert.equal(await daemon.output(['exec', 'sly', 'cat', '/landed']), 'three')
  await refused(['cp', join(folder, 'three'), `sly:/escape${folder}/planted`], /Could not find|no such/i)
  assert.equal(statSync(join(folder, 'planted'), { throwIfNoEntry: false }), undefined)
  await daemon.output(['rm', '-f', 'sly'])
})

test('a folder and a file do not take the place of each other, and what is no folder is no target', async () => {
  await daemon.output(['run', '--name', 'types', 'busybox', 'sh', '-c', 'mkdir /tmp/thing; echo >/tmp/plain'])
  const archive = (await mustRun('tar', ['-C', folder, '-cf', '-', '--transform', 's/one/thing/', 'one'])).stdoutBytes
  const put = (query: string) =>
    daemon.http('PUT', `/containers/types/archive?${query}`, archive, { 'Content-Type': 'application/x-tar' })
  const answer = await put('path=/tmp&noOverwriteDirNonDir=true')
  assert.match(answer.body.toString(), /cannot overwrite directory .* with non-directory/)
  assert.match((await put('path=/tmp/plain')).body.toString(), /extraction point is not a directory/)
  assert.equal((await put('path=/none')).status, 404)
  assert.match((await put('')).body.toString(), /bad parameter: pathcannot be empty/)
  assert.equal((await put('path=/tmp')).status, 200)
  assert.equal((await stat('types', '/tmp/thing')).stat.size, 3)
  await daemon.output(['rm', 'types'])
})

test('with -a what is copied belongs to the user of the container', async () => {
  await daemon.output(['create', '--name', 'owned', '--user', 'user', 'busybox', 'stat', '-c', '%U', '/tmp/four'])
  writeFileSync(join(folder, 'four'), '4')
  await daemon.output(['cp', '-a', join(folder, 'four'), 'owned:/tmp/four'])
  assert.equal(await daemon.output(['start', '-a', 'owned']), 'user')
  await daemon.output(['rm', 'owned'])
})

test('a container that is started and removed while it is read goes on as usual', async () => {
  const script = 'dd if=/dev/zero of=/big bs=1M count=32 2>/dev/null'
  await daemon.output(['run', '--name', 'busy', 'busybox', 'sh', '-c', script])
  const copies = [1, 2].map((number) => daemon.docker(['cp', 'busy:/big', join(folder, `big-${number}`)]))
  await daemon.output(['start', 'busy'])
  await daemon.output(['wait', 'busy'])
  for (const { code, stderr } of await Promise.all(copies)) assert.equal(code, 0, stderr)
  assert.equal(statSync(join(folder, 'big-1')).size, 32 << 20)
  await daemon.output(['rm', 'busy'])
})
