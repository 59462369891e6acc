import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { parseDaemonOptions } from './options.ts'

function withFile<T>(content: string, work: (path: string) => T): T {
  const folder = mkdtempSync(join(tmpdir(), 'slipway-options-'))
  try {
    const path = join(folder, 'daemon.json')
    writeFileSync(path, content)
    return work(path)
  } finally {
    rmSync(folder, { recursive: true })
  }
}

test('flags give the roots, and everything else takes its place from them', () => {
  const options = parseDaemonOptions([
    '--exec-root',
    '/run/x',
    '--data-root=/d',
    '-D',
    '--label',
    'a=1',
    '--label',
    'b=2',
  ])
  assert.equal(options.hosts[0], 'unix:///run/x/slipway.sock')
  assert.equal(options.pidfile, '/run/x/slipwayd.pid')
  assert.match(options.instance, /^[0-9a-f]{6}$/)
  assert.equal(options.cgroupParent, `/slipway-${options.instance}`)
  assert.deepEqual(options.values.label, ['a=1', 'b=2'])
  assert.equal(options.values.debug, true)
  assert.equal(parseDaemonOptions([]).instance, '')
})

test('daemon.json gives the same values under its own names', () => {
  const content = JSON.stringify({
    hosts: ['unix:///a'],
    debug: true,
    'live-restore': false,
    'default-shm-size': '1m',
    runtimes: { other: { path: '/usr/bin/runc' } },
    'default-ulimits': { nofile: { Name: 'nofile', Soft: 10, Hard: 20 } },
    'shutdown-timeout': 3,
  })
  const options = withFile(content, (path) => parseDaemonOptions(['--config-file', path]))
  assert.deepEqual(options.hosts, ['unix:///a'])
  assert.equal(options.values['live-restore'], false)
  assert.equal(options.values['default-shm-size'], 1 << 20)
  assert.equal(options.values['shutdown-timeout'], 3)
  assert.deepEqual(options.runtimes, { other: '/usr/bin/runc' })
  assert.deepEqual(options.defaultUlimits, [{ name: 'nofile', soft: 10, hard: 20 }])
})

test('a bad configuration is refused by name', () => {
  const cases: readonly [string, readonly string[], RegExp][] = [
    ['{"nope":1}', [], /don't match any configuration option: nope/],
    ['{"host":["x"]}', [], /don't match any configuration option: host/],
    ['{"debug":true}', ['-D'], /both as a flag and in the configuration file: debug/],
    ['{"debug":[]}', [], /debug: want a boolean/],
    ['{"mtu":"many"}', [], /mtu: strconv.ParseInt/],
    ['[]', [], /want a JSON object/],
    ['{', [], /unable to configure the daemon/],
  ]
  for (const [content, argv, message] of cases) {
    withFile(content, (path) => {
      assert.throws(() => parseDaemonOptions(['--config-file', path, ...argv]), { message }, content)
    })
  }
  assert.throws(() => parseDaemonOptions(['--config-file', '/nonexistent.json']), { kind: 'invalid' })
  assert.throws(() => parseDaemonOptions(['x']), /accepts no arguments/)
})
