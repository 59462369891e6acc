import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseSecurityOptions } from './security-options.ts'

const NONE = { noNewPrivileges: false, seccomp: 'default', apparmor: undefined, wholeSystemPaths: false }

test('security options are read, the last one wins', () => {
  const cases: readonly [readonly string[], object][] = [
    [[], {}],
    [['no-new-privileges'], { noNewPrivileges: true }],
    [['no-new-privileges:true'], { noNewPrivileges: true }],
    [['no-new-privileges', 'no-new-privileges=false'], {}],
    [['seccomp=unconfined'], { seccomp: 'unconfined' }],
    [['seccomp:unconfined', 'seccomp=builtin'], {}],
    [['apparmor=mine'], { apparmor: 'mine' }],
    [['apparmor=unconfined'], {}],
    [['label=disable', 'label=type:web', 'label:disable', 'disable'], {}],
    [['systempaths=unconfined'], { wholeSystemPaths: true }],
  ]
  for (const [options, changes] of cases) {
    assert.deepEqual(parseSecurityOptions(options), { ...NONE, ...changes }, options.join(' '))
  }
})

test('a profile is read from its text', () => {
  const text = '{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["chmod"],"action":"SCMP_ACT_ERRNO"}]}'
  assert.deepEqual(parseSecurityOptions([`seccomp=${text}`]).seccomp, JSON.parse(text))
  assert.throws(() => parseSecurityOptions(['seccomp={']), {
    kind: 'invalid',
    message: /^Decoding seccomp profile failed/,
  })
})

test('others are refused in the words of docker', () => {
  const cases: readonly [string, string][] = [
    ['bogus', 'invalid --security-opt 1: "bogus"'],
    ['color=red', 'invalid --security-opt 2: "color=red"'],
    ['no-new-privileges=maybe', 'invalid --security-opt 2: "no-new-privileges=maybe"'],
    ['systempaths=confined', 'invalid --security-opt 2: "systempaths=confined"'],
    ['toString=1', 'invalid --security-opt 2: "toString=1"'],
  ]
  for (const [option, message] of cases) {
    assert.throws(() => parseSecurityOptions([option]), { kind: 'invalid', message })
  }
})
