import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { SeccompSpec } from '../../oci/index.ts'
import { DEFAULT_PROFILE } from './seccomp-default.ts'
import { parseSeccompProfile, resolveProfile } from './seccomp-profile.ts'

function rulesOf(profile: SeccompSpec, name: string): readonly string[] {
  return (profile.syscalls ?? [])
    .filter(({ names }) => names.includes(name))
    .map(({ action, args, errnoRet }) =>
      [action, errnoRet, args?.length].filter((part) => part !== undefined).join(' '),
    )
}

const resolve = (capabilities: readonly string[], architecture = 'amd64'): SeccompSpec =>
  resolveProfile(DEFAULT_PROFILE, { capabilities, architecture })

test('the default profile keeps namespaces and mounts to those with CAP_SYS_ADMIN', () => {
  const plain = resolve([])
  assert.deepEqual(rulesOf(plain, 'mount'), [])
  assert.deepEqual(rulesOf(plain, 'clone'), ['SCMP_ACT_ALLOW 1'])
  assert.deepEqual(rulesOf(plain, 'clone3'), ['SCMP_ACT_ERRNO 38'])
  const admin = resolve(['CAP_SYS_ADMIN'])
  assert.deepEqual(rulesOf(admin, 'mount'), ['SCMP_ACT_ALLOW'])
  assert.deepEqual(rulesOf(admin, 'clone'), ['SCMP_ACT_ALLOW'])
  assert.deepEqual(rulesOf(admin, 'clone3'), ['SCMP_ACT_ALLOW'])
  assert.deepEqual(rulesOf(plain, 'kcmp'), [])
  assert.deepEqual(rulesOf(resolve(['CAP_SYS_PTRACE']), 'kcmp'), ['SCMP_ACT_ALLOW'])
})

test('each architecture has its own system calls and relatives', () => {
  assert.deepEqual(rulesOf(resolve([]), 'arch_prctl'), ['SCMP_ACT_ALLOW'])
  assert.deepEqual(resolve([]).architectures, ['SCMP_ARCH_X86_64', 'SCMP_ARCH_X86', 'SCMP_ARCH_X32'])
  assert.deepEqual(rulesOf(resolve([], 'arm64'), 'arch_prctl'), [])
  assert.deepEqual(resolve([], 'arm64').architectures, ['SCMP_ARCH_AARCH64', 'SCMP_ARCH_ARM'])
})

test('what a runtime reads holds none of the conditions', () => {
  for (const rule of resolve([]).syscalls ?? []) assert.equal('includes' in rule || 'excludes' in rule, false)
  assert.equal('archMap' in resolve([]), false)
})

test('a profile file is read in the old form and the new', () => {
  const text = JSON.stringify({
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [
      { name: 'mkdir', action: 'SCMP_ACT_ERRNO', args: [] },
      { names: ['rmdir'], action: 'SCMP_ACT_ERRNO', includes: { caps: ['CAP_KILL'] } },
      { names: ['chdir'], action: 'SCMP_ACT_ERRNO', excludes: { arches: ['amd64'] } },
    ],
  })
  const profile = resolveProfile(parseSeccompProfile(text), { capabilities: [], architecture: 'amd64' })
  assert.deepEqual(profile, {
    defaultAction: 'SCMP_ACT_ALLOW',
    architectures: ['SCMP_ARCH_X86_64'],
    syscalls: [{ names: ['mkdir'], action: 'SCMP_ACT_ERRNO', args: [] }],
  })
})

test('what is no profile is refused', () => {
  for (const text of ['', '[]', '{}', '{"defaultAction":1}', '{"defaultAction":"x","syscalls":[1]}']) {
    assert.throws(() => parseSeccompProfile(text), { kind: 'invalid' }, text)
  }
})
