import assert from 'node:assert/strict'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import type { CommandResult } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'

let daemon: TestDaemon

before(async () => {
  daemon = await startDaemon()
  await importBusybox(daemon)
  await daemon.output(['run', '-d', '--name', 'web', '-p', '127.0.0.1::80', '-l', 'a=b', 'busybox', 'sleep', '1000'])
  await daemon
    .output(['run', '--name', 'done', 'busybox', 'sh', '-c', 'echo out; echo err >&2; exit 3'])
    .catch(() => {})
  await daemon.output(['tag', 'busybox', 'other:1'])
})
after(() => daemon[Symbol.asyncDispose]())

/** Both clients talk to one daemon; what they print must be the same to the byte. */
const LINES: readonly (readonly string[])[] = [
  ['ps'],
  ['ps', '-a'],
  ['ps', '-aq'],
  ['ps', '-a', '--no-trunc'],
  ['ps', '-n', '1'],
  ['ps', '-a', '--filter', 'status=exited', '--format', '{{.Names}} {{.Image}} {{.Status}}'],
  ['ps', '--format', 'table {{.Names}}\t{{.Ports}}'],
  ['container', 'ls', '-a', '--filter', 'label=a=b', '-q'],
  ['images'],
  ['images', '-q'],
  ['images', '--no-trunc'],
  ['image', 'ls', 'other'],
  ['images', '--format', '{{.Repository}}:{{.Tag}} {{.Size}}'],
  ['history', '-q', 'busybox'],
  ['history', '--human=false', '--format', '{{.ID}} {{.Size}}', 'busybox'],
  ['logs', 'done'],
  ['logs', '--tail', '1', '-t', 'done'],
  ['inspect', '-f', '{{.State.ExitCode}} {{json .Config.Cmd}}', 'done'],
  [
    'inspect',
    '-f',
    '{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}',
    'web',
  ],
  ['inspect', '--type', 'image', '-f', '{{.Id}}', 'busybox'],
  ['exec', 'web', 'sh', '-c', 'echo hi; echo no >&2; exit 5'],
  ['exec', '-e', 'A=1', '-w', '/tmp', 'web', 'sh', '-c', 'echo $A; pwd'],
  ['exec', 'web', 'nosuch'],
  ['run', '--rm', 'busybox', 'echo', 'hello'],
  ['run', '--rm', '-i', 'busybox', 'cat'],
  ['run', '--rm', 'busybox', 'sh', '-c', 'exit 7'],
  ['wait', 'done'],
  ['stop', 'done'],
  ['start', '-a', 'done'],
  ['kill', '-s', 'WINCH', 'web'],
  ['version', '--format', '{{.Server.Version}}'],
  ['info', '--format', '{{.Images}} {{.ContainersRunning}} {{.Driver}}'],
  ['tag', 'busybox', 'third'],
]

for (const line of LINES) {
  test(`${line.join(' ')} is the same from both clients`, async () => {
    const docker = await daemon.docker(line, { input: 'input' })
    const slipway = await daemon.slipway(line, { input: 'input' })
    assert.deepEqual(comparable(slipway), comparable(docker))
  })
}

/** A second may pass between the two, and docker lists names by chance: ages, blanks and the order of lines do not count. */
function comparable({ code, stdout, stderr }: CommandResult): unknown {
  const age = /(Less than a second|\d+ seconds?|About a minute)( ago)?/g
  const lines = stdout.replace(age, 'AGE').replace(/ {2,}/g, '  ').split('\n')
  return { code, stderr, stdout: lines.sort() }
}

/** Wrong command lines and missing things: the same code, the daemon's own words in both. */
const FAILURES: readonly (readonly [readonly string[], RegExp])[] = [
  [['run', '--rm', 'busybox', 'nosuch'], /executable file not found in \$PATH/],
  [['run', '--rm', 'busybox', '/etc'], /permission denied|is a directory/],
  [['run', '--nonsense', 'busybox'], /unknown flag: --nonsense/],
  [['run', '--rm', '-m', '1m', 'busybox'], /Minimum memory limit allowed is 6MB/],
  [['create', '--name', 'web', 'busybox'], /Conflict\. The container name "\/web" is already in use/],
  [['rm', 'web'], /container is running/],
  [['rm', 'nosuch'], /No such container: nosuch/],
  [['start', 'nosuch'], /No such container: nosuch/],
  [['rmi', 'nosuch'], /No such image: nosuch/],
  [['kill', 'done'], /is not running/],
  [['kill', '-s', 'NOPE', 'web'], /[Ii]nvalid signal: NOPE/],
  [['logs', 'nosuch'], /No such container: nosuch/],
  [['inspect', 'nosuch'], /[Nn]o such object: nosuch/],
  [['exec', 'done', 'true'], /is not running/],
]

for (const [line, words] of FAILURES) {
  test(`${line.join(' ')} fails alike from both clients`, async () => {
    const [docker, slipway] = [await daemon.docker(line), await daemon.slipway(line)]
    assert.equal(slipway.code, docker.code)
    assert.match(docker.stderr, words)
    assert.match(slipway.stderr, words)
  })
}
