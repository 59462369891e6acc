import assert from 'node:assert/strict'
import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { lookupUser, resolveUser } from './user-lookup.ts'

const FILES = {
  passwd: [
    'root:x:0:0:root:/root:/bin/sh',
    '# a comment',
    'not an account',
    'user:x:1000:1000::/home/user:',
    'nohome:x:7:8::',
    '42:x:99:99::/odd:',
  ].join('\n'),
  group: 'root:x:0:\nstaff:x:50:user,other\naudio:x:29:user\nuser:x:1000:\n',
}

const find = (user: string, groupAdd: readonly string[] = []) => resolveUser(FILES, { user, groupAdd })

const CASES = [
  { user: '', uid: 0, gid: 0, additionalGids: [0], home: '/root' },
  { user: 'user', uid: 1000, gid: 1000, additionalGids: [1000, 50, 29], home: '/home/user' },
  { user: '1000', uid: 1000, gid: 1000, additionalGids: [1000, 50, 29], home: '/home/user' },
  { user: 'user:staff', uid: 1000, gid: 50, additionalGids: [50], home: '/home/user' },
  { user: 'user:7', uid: 1000, gid: 7, additionalGids: [7], home: '/home/user' },
  { user: ':staff', uid: 0, gid: 50, additionalGids: [50], home: '/root' },
  { user: '5', uid: 5, gid: 0, additionalGids: [0], home: '/' },
  { user: '5:6', uid: 5, gid: 6, additionalGids: [6], home: '/' },
  { user: 'nohome', uid: 7, gid: 8, additionalGids: [8], home: '/' },
  { user: '42', uid: 99, gid: 99, additionalGids: [99], home: '/odd' },
] as const

for (const { user, ...expected } of CASES) {
  test(`the user "${user}" is found`, () => assert.deepEqual(find(user), expected))
}

test('groups are added by name and number', () => {
  assert.deepEqual(find('user:user', ['staff', '29', '4242', 'staff']).additionalGids, [1000, 50, 29, 4242])
})

test('names without an entry and numbers out of range are refused in Docker’s words', () => {
  const refused = (message: string) => ({ kind: 'invalid', message })
  assert.throws(() => find('foo'), refused('unable to find user foo: no matching entries in passwd file'))
  assert.throws(() => find('0:foo'), refused('unable to find group foo: no matching entries in group file'))
  assert.throws(() => find('0', ['foo']), refused('unable to find group foo: no matching entries in group file'))
  assert.throws(() => find('2147483648'), refused('uids and gids must be in range 0-2147483647'))
  assert.throws(() => find('-1'), refused('uids and gids must be in range 0-2147483647'))
})

test('the files of the image are read inside of it, whatever it puts in their place', () => {
  const root = mkdtempSync(join(tmpdir(), 'slw-users-'))
  try {
    assert.equal(lookupUser(root, '3', []).home, '/')
    mkdirSync(join(root, 'etc'))
    writeFileSync(join(root, 'accounts'), 'inside:x:5:6::/in:')
    // Leads to the host's file for whoever follows it without care.
    symlinkSync('/../../accounts', join(root, 'etc/passwd'))
    symlinkSync('group', join(root, 'etc/group'))
    assert.equal(lookupUser(root, 'inside', []).home, '/in')
    assert.throws(() => lookupUser(root, 'root', []), { kind: 'invalid' })
    rmSync(join(root, 'etc/passwd'))
    execFileSync('mkfifo', [join(root, 'etc/passwd')])
    assert.equal(lookupUser(root, '5', []).home, '/')
  } finally {
    rmSync(root, { recursive: true })
  }
})
