import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { busyboxRootfs, importBusybox } from '../fixtures/busybox.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(() => daemon[Symbol.asyncDispose]())

test('import prints the id of the image, which inspect, images and run know', async () => {
  const input = await busyboxRootfs()
  const id = await daemon.output(['import', '--change', 'ENV A=1', '--message', 'made here', '-', 'lab/imported:v1'], {
    input,
  })
  assert.match(id, /^sha256:[0-9a-f]{64}$/)
  assert.equal(
    await daemon.output(['inspect', '-f', '{{.Id}} {{.Config.Env}} {{.Os}}', 'lab/imported:v1']),
    `${id} [A=1] linux`,
  )
  assert.equal(await daemon.output(['images', '--no-trunc', '--format', '{{.ID}}', 'lab/imported']), id)
  assert.equal(await daemon.output(['run', '--rm', 'lab/imported:v1', 'sh', '-c', 'echo $A']), '1')
  assert.match(await daemon.output(['history', '--format', '{{.Comment}}', 'lab/imported:v1']), /made here/)
  await daemon.output(['rmi', 'lab/imported:v1'])
})

test('an image is saved, removed, and loaded with the same id, all names with it', async () => {
  await daemon.output(['tag', 'busybox', 'localhost:5000/box:one'])
  const id = await daemon.output(['inspect', '-f', '{{.Id}}', 'busybox'])
  const { stdoutBytes } = await daemon.docker(['save', 'busybox', 'localhost:5000/box:one'])
  await daemon.output(['rmi', 'busybox', 'localhost:5000/box:one'])
  assert.equal((await daemon.docker(['image', 'inspect', 'busybox'])).code, 1)
  const loaded = await daemon.output(['load'], { input: stdoutBytes })
  assert.deepEqual(loaded.split('\n').sort(), ['Loaded image: busybox:latest', 'Loaded image: localhost:5000/box:one'])
  assert.equal(await daemon.output(['inspect', '-f', '{{.Id}}', 'localhost:5000/box:one']), id)
  assert.equal(await daemon.output(['run', '--rm', 'busybox', 'echo', 'back']), 'back')
  assert.match(await daemon.output(['rmi', 'localhost:5000/box:one']), /^Untagged: localhost:5000\/box:one$/)
})

test('images are listed with names, filtered, and found by a prefix of the id', async () => {
  await daemon.output(['tag', 'busybox', 'lab/listed:a'])
  await daemon.output(['tag', 'busybox', 'lab/listed:b'])
  const list = await daemon.output(['images', '--format', '{{.Repository}}:{{.Tag}}', '--filter', 'reference=lab/*'])
  assert.deepEqual(list.split('\n').sort(), ['lab/listed:a', 'lab/listed:b'])
  const short = (await daemon.output(['images', '-q', 'lab/listed:a'])).trim()
  assert.match(short, /^[0-9a-f]{12}$/)
  assert.equal(await daemon.output(['run', '--rm', short, 'echo', 'by id']), 'by id')
  await daemon.output(['rmi', 'lab/listed:a', 'lab/listed:b'])
})

test('an image that a container uses is not removed, one with names in several places only by force', async () => {
  await daemon.output(['import', '--change', 'ENV USED=1', '-', 'lab/used'], { input: await busyboxRootfs() })
  const image = await daemon.output(['images', '-q', 'lab/used'])
  const container = (await daemon.output(['create', 'lab/used', 'true'])).slice(0, 12)
  const inUse = await daemon.docker(['rmi', 'lab/used'])
  assert.equal(inUse.code, 1)
  assert.equal(
    inUse.stderr.trim().replace(/^Error response from daemon: /, ''),
    `conflict: unable to remove repository reference "lab/used" (must force) - container ${container} is using its referenced image ${image}`,
  )
  await daemon.output(['rm', container])
  await daemon.output(['tag', 'lab/used', 'lab/second'])
  const several = await daemon.docker(['rmi', image])
  assert.match(
    several.stderr,
    new RegExp(
      `conflict: unable to delete ${image} \\(must be forced\\) - image is referenced in multiple repositories`,
    ),
  )
  await daemon.output(['rmi', '-f', image])
  assert.equal(await daemon.output(['images', '-q', '--filter', 'reference=lab/*']), '')
})

test('what is not there, or no name at all, is refused in the words of docker', async () => {
  const cases = [
    [['image', 'inspect', 'lab/missing'], /No such image: lab\/missing/],
    [['rmi', 'lab/missing'], /No such image: lab\/missing:latest/],
    [['tag', 'lab/missing', 'lab/other'], /No such image: lab\/missing:latest/],
    [['tag', 'busybox', 'UPPER/Case'], /invalid reference format: repository name .* must be lowercase/],
    [['save', 'lab/missing'], /No such image: lab\/missing|reference does not exist/],
  ] as const
  for (const [args, message] of cases) {
    const { code, stderr } = await daemon.docker(args)
    assert.equal(code, 1, args.join(' '))
    assert.match(stderr, message)
  }
})
