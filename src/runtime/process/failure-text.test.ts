import assert from 'node:assert/strict'
import { test } from 'node:test'
import { explainFailure } from './failure-text.ts'

const CREATE =
  'failed to create task for container: failed to create shim task: OCI runtime create failed: runc create failed: unable to start container process: error during container init: '
const EXEC = 'OCI runtime exec failed: exec failed: unable to start container process: '

const CASES = [
  {
    name: 'a command that is not in PATH',
    args: ['foo'],
    output: 'executable file `foo` not found in $PATH: No such file or directory\n',
    text: 'exec: "foo": executable file not found in $PATH: unknown',
    code: 127,
  },
  {
    name: 'a path that does not exist',
    args: ['/foo'],
    output: 'executable file `/foo` not found in $PATH: No such file or directory\n',
    text: 'exec: "/foo": stat /foo: no such file or directory: unknown',
    code: 127,
  },
  {
    name: 'a folder',
    args: ['/tmp'],
    output: 'open executable: Operation not permitted\n',
    text: 'exec: "/tmp": is a directory: unknown',
    code: 126,
  },
  {
    name: 'a file that is not executable',
    args: ['/etc/passwd'],
    output: '\x1b[1;31m2026-11-21T05:00:00.123456Z: open executable: Permission denied\x1b[0m\r\n',
    text: 'exec: "/etc/passwd": permission denied: unknown',
    code: 126,
  },
  {
    name: 'a file in PATH that is not executable',
    args: ['passwd'],
    output: 'open executable: Permission denied\n',
    text: 'exec: "passwd": executable file not found in $PATH: unknown',
    code: 127,
  },
  {
    name: 'a working folder that is a file',
    args: ['ls'],
    output: 'chdir `/etc/passwd`: Not a directory\n',
    text: 'chdir to cwd ("/etc/passwd") set in config.json failed: not a directory: unknown: Are you trying to mount a directory onto a file (or vice-versa)? Check if the specified host path exists and is the expected type',
    code: 127,
  },
] as const

for (const { name, args, output, text, code } of CASES) {
  test(`${name} is explained in Docker’s words`, () => {
    for (const [action, prefix] of [
      ['create', CREATE],
      ['exec', EXEC],
    ] as const) {
      const error = explainFailure({ action, process: { args, cwd: '/etc/passwd' }, output })
      assert.equal(error.message, prefix + text)
      assert.deepEqual([error.kind, error.exitCode], ['invalid', code])
    }
  })
}

test('any other failure keeps the words of the runtime and is internal', () => {
  const error = explainFailure({
    action: 'create',
    process: { args: ['ls'], cwd: '/' },
    output: 'a warning\nsetrlimit: Operation not permitted\n',
  })
  assert.equal(error.message, `${CREATE}setrlimit: operation not permitted: unknown`)
  assert.deepEqual([error.kind, error.exitCode], ['internal', 128])
})
