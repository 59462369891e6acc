import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseReference } from './reference.ts'
import { createReferenceMatcher } from './reference-pattern.ts'

test('a pattern is tried on the short name with tag and without, stars stopping at a slash', () => {
  const cases = [
    ['busybox', 'busybox:latest', true],
    ['busybox:latest', 'busybox:latest', true],
    ['busybox:*', 'busybox:1.36', true],
    ['busy*:*libc', 'busybox:uclibc', true],
    ['busy*:*libc', 'busybox:latest', false],
    ['*', 'busybox:1', true],
    ['*', 'user/app:1', false],
    ['*/*', 'user/app:1', true],
    ['**/**', 'user/app:1', true],
    ['*/*', 'host:5000/user/app:1', false],
    ['host:5000/*/*', 'host:5000/user/app:1', true],
    ['?usybox', 'busybox:1', true],
    ['user?app', 'user/app:1', false],
    ['[a-c]usybox', 'busybox:1', true],
    ['[^a-c]usybox', 'busybox:1', false],
    ['[^xyz]usybox', 'busybox:1', true],
    ['busybox:[0-9].[0-9]', 'busybox:1.3', true],
    ['busy\\box', 'busybox:1', true],
    ['busybox\\:1', 'busybox:1', true],
    ['*b*b*x', 'busybbox:1', true],
    ['*b*b*y', 'busybbox:1', false],
    ['a*/b', 'abc/b:1', true],
    ['a*b/c*', 'aabb/cab:1', true],
    ['', 'busybox', false],
  ] as const
  for (const [pattern, name, expected] of cases) {
    assert.equal(createReferenceMatcher(pattern)(parseReference(name)), expected, `${pattern} on ${name}`)
  }
})

test('a broken pattern is refused with the text of Go', () => {
  for (const pattern of ['[', '[a', '[]', '[]a]', '[-]', '[a-', '[a-]', '[^]', '\\', 'a\\', '[a\\']) {
    assert.throws(
      () => createReferenceMatcher(pattern),
      { kind: 'invalid', message: 'syntax error in pattern' },
      pattern,
    )
  }
})

test('many stars do not take long', () => {
  const matcher = createReferenceMatcher(`${'*a'.repeat(200)}b`)
  assert.equal(matcher(parseReference('a'.repeat(200))), false)
})
