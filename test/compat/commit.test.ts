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

async function inspect(name: string, format: string): Promise<string> {
  return daemon.output(['inspect', '-f', format, name])
}

test('what a container has changed is in the image made of it, deletions too', async () => {
  const script = 'echo hello >/made; rm /etc/group; mkdir /d; ln /made /d/hard; chmod 4711 /d/hard'
  await daemon.output(['run', '--name', 'source', '-e', 'A=1', '-w', '/d', 'busybox', 'sh', '-c', script])
  const id = await daemon.output(['commit', 'source', 'made:1'])
  assert.match(id, /^sha256:[0-9a-f]{64}$/)
  assert.equal(await inspect('made:1', '{{.Id}}'), id)
  assert.equal(await inspect('made:1', '{{.Config.Env}} {{.Config.WorkingDir}}'), '[A=1] /d')
  const look = 'cat /made; [ -e /etc/group ] || echo gone; stat -c "%a %h" /made; echo $A; pwd'
  assert.equal(await daemon.output(['run', '--rm', 'made:1', 'sh', '-c', look]), 'hello\ngone\n4711 2\n1\n/d')
  assert.equal(await daemon.output(['start', '-a', 'source']), '')
  await daemon.output(['rm', 'source'])
  await daemon.output(['rmi', 'made:1'])
})

test('author, comment, changes and history are kept, and the events tell of it', async () => {
  await daemon.output(['run', '--name', 'told', '-l', 'l=1', 'busybox', 'touch', '/x'])
  const since = String(Date.now() / 1000)
  const changes = ['-c', 'CMD ["cat", "/x"]', '-c', 'ENV B=2 C=3', '-c', 'EXPOSE 80', '-c', 'LABEL k=v']
  const id = await daemon.output(['commit', '-a', 'Ann <a@b>', '-m', 'a comment', ...changes, 'told', 'repo/told'])
  const until = String(Date.now() / 1000 + 0.001)
  assert.equal(
    await inspect(
      'repo/told:latest',
      '{{.Author}}|{{.Comment}}|{{.Config.Cmd}}|{{.Config.Env}}|{{json .Config.Labels}}',
    ),
    'Ann <a@b>|a comment|[cat /x]|[B=2 C=3]|{"k":"v","l":"1"}',
  )
  assert.equal(await inspect('repo/told', '{{json .Config.ExposedPorts}}'), '{"80/tcp":{}}')
  const history = await daemon.output(['history', '--no-trunc', '--format', '{{.CreatedBy}}|{{.Comment}}', 'repo/told'])
  assert.deepEqual(history.split('\n'), ['touch /x|a comment', '|Imported from -'])
  const format = '{{.Type}} {{.Action}} {{.Actor.Attributes.comment}} {{.Actor.Attributes.imageRef}}'
  const filter = ['--filter', 'event=commit']
  const events = await daemon.output(['events', '--since', since, '--until', until, ...filter, '--format', format])
  assert.equal(events, 'container commit a comment repo/told:latest')
  assert.equal(await daemon.output(['run', '--rm', 'repo/told']), '')
  await daemon.output(['rm', 'told'])
  await daemon.output(['rmi', id])
})

test('a running container stands still meanwhile and goes on, or is not stopped at all', async () => {
  await daemon.output(['run', '-d', '--name', 'live', 'busybox', 'sh', '-c', 'echo now >/state; exec sleep 86400'])
  const since = String(Date.now() / 1000)
  await daemon.output(['commit', 'live', 'paused'])
  await daemon.output(['commit', '--pause=false', 'live', 'unpaused'])
  const until = String(Date.now() / 1000 + 0.001)
  const filter = ['--filter', 'type=container', '--format', '{{.Action}}']
  const events = await daemon.output(['events', '--since', since, '--until', until, ...filter])
  assert.deepEqual(events.split('\n'), ['pause', 'unpause', 'commit', 'commit'])
  assert.equal(await inspect('live', '{{.State.Status}}'), 'running')
  for (const image of ['paused', 'unpaused']) {
    assert.equal(await daemon.output(['run', '--rm', image, 'cat', '/state']), 'now')
  }
  await daemon.output(['rm', '-f', 'live'])
  await daemon.output(['rmi', 'paused', 'unpaused'])
})

test('a configuration in the body is completed from the container', async () => {
  await daemon.output(['create', '--name', 'body', '-e', 'A=1', '-e', 'B=2', '--user', '7', 'busybox', 'true'])
  const answer = await daemon.http('POST', '/commit?container=body&repo=body&changes=WORKDIR%20/w', {
    Env: ['A=9'],
    Cmd: ['false'],
  })
  assert.equal(answer.status, 201)
  assert.equal(
    await inspect('body:latest', '{{.Config.Env}} {{.Config.Cmd}} {{.Config.User}} {{.Config.WorkingDir}}'),
    '[A=9 B=2] [false] 7 /w',
  )
  await daemon.output(['rm', 'body'])
  await daemon.output(['rmi', 'body'])
})

test('what cannot be committed is refused, and leaves nothing', async () => {
  const absent = await daemon.docker(['commit', 'absent'])
  assert.match(absent.stderr, /No such container: absent/)
  await daemon.output(['create', '--name', 'strict', 'busybox'])
  const name = await daemon.docker(['commit', 'strict', 'Upper'])
  assert.match(name.stderr, /repository name must be lowercase|invalid reference format/)
  const change = await daemon.docker(['commit', '-c', 'RUN true', 'strict'])
  assert.match(change.stderr, /run is not a valid change command/i)
  assert.equal(await daemon.output(['images', '-q', '--filter', 'dangling=true']), '')
  await daemon.output(['rm', 'strict'])
})

test('a container is exported and imported again with all its files', async () => {
  await daemon.output(['run', '--name', 'moved', 'busybox', 'sh', '-c', 'echo kept >/kept; ln -s kept /link'])
  const { stdoutBytes } = await daemon.docker(['export', 'moved'])
  const id = await daemon.output(['import', '-c', 'CMD ["cat", "/link"]', '-', 'moved:again'], { input: stdoutBytes })
  assert.match(id, /^sha256:/)
  assert.equal(await daemon.output(['run', '--rm', 'moved:again']), 'kept')
  await daemon.output(['rm', 'moved'])
  await daemon.output(['rmi', 'moved:again'])
})

test('a container is renamed, and its ports are told', async () => {
  await daemon.output(['run', '-d', '--name', 'before', '-p', '127.0.0.1::80', 'busybox', 'sleep', '86400'])
  await daemon.output(['rename', 'before', 'after'])
  assert.equal(await inspect('after', '{{.Name}}'), '/after')
  assert.equal((await daemon.docker(['inspect', 'before'])).code, 1)
  assert.match(await daemon.output(['port', 'after']), /^80\/tcp -> 127\.0\.0\.1:\d+$/)
  assert.match(await daemon.output(['port', 'after', '80']), /^127\.0\.0\.1:\d+$/)
  const same = await daemon.docker(['rename', 'after', 'after'])
  assert.match(same.stderr, /Renaming a container with the same name as its current name/)
  await daemon.output(['rm', '-f', 'after'])
})
