import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { test } from 'node:test'
import { buildSpec } from '../../../src/runtime/index.ts'
import { specInput } from '../../fixtures/spec-input.ts'
import { collect, openLab, readScreen } from './lab.ts'

const RUNC = '/usr/sbin/runc'
const skip = existsSync(RUNC) ? false : `${RUNC} is not installed`

test('another OCI runtime runs containers too', { skip }, async () => {
  await using lab = await openLab({ runtimes: { crun: '/usr/bin/crun', runc: RUNC } })
  const runtime = 'runc'
  const ran = await lab.run(['sh', '-c', 'echo out; grep Seccomp: /proc/self/status >&2; exit 5'], { runtime })
  assert.deepEqual(ran, { code: 5, oomKilled: false, stdout: 'out\n', stderr: 'Seccomp:\t2\n' })

  await assert.rejects(lab.create(['nosuch'], { runtime }), (error: Error) => {
    assert.match(
      error.message,
      /^failed to create task .*: exec: "nosuch": executable file not found in \$PATH: unknown$/,
    )
    assert.deepEqual({ ...error }, { ...error, kind: 'invalid', exitCode: 127 })
    return true
  })
  await assert.rejects(lab.create(['/etc'], { runtime }), { kind: 'invalid', exitCode: 126 })
  await assert.rejects(lab.create(['true'], { runtime: 'nosuch' }), {
    message: 'unknown or invalid runtime name: nosuch',
  })

  const { task, output } = await lab.start(['sleep', '1000'], { runtime, id: 'host' })
  const spec = buildSpec(specInput({ id: 'host', rootfs: lab.rootfs, cgroup: lab.cgroup('host') }))
  const exec = (args: readonly string[], terminal: boolean) =>
    task.exec({ process: { ...spec.process, args, terminal }, stdin: terminal, output: true })
  await using plain = await exec(['sh', '-c', 'echo inside; exit 6'], false)
  assert.equal((await collect(plain.output)).stdout.toString(), 'inside\n')
  assert.equal(await plain.exited, 6)
  const script = 'trap "stty size" WINCH; echo ready; while [ -z "$x" ]; do read x; done; echo "<$x>"; exit 7'
  await using terminal = await exec(['sh', '-c', script], true)
  const screen = readScreen(terminal.output)
  await screen.see('ready')
  terminal.resize({ rows: 12, columns: 34 })
  await screen.see('12 34')
  await terminal.write(Buffer.from('typed\n'))
  await screen.see('<typed>')
  assert.equal(await terminal.exited, 7)
  await assert.rejects(exec(['nosuch'], false), { kind: 'invalid', exitCode: 127 })
  task.kill(9)
  assert.equal((await task.exited).code, 137)
  await output
  await task.delete()
  assert.deepEqual(lab.runtime.leftovers(), [])
})
