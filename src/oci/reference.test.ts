import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SlipwayError } from '../base/index.ts'
import { familiarName, formatReference, parseReference, withDefaultTag, withTag } from './reference.ts'

const DIGEST = 'sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855'
const HEX = '0123456789abcdef'.repeat(4)
const A = (count: number): string => 'a'.repeat(count)

/** What people write, then the repository and the tag or digest that docker 28 asks the engine for. */
const ACCEPTED: readonly (readonly [text: string, repository: string, suffix: string])[] = [
  ['busybox', 'docker.io/library/busybox', 'latest'],
  ['busybox:latest', 'docker.io/library/busybox', 'latest'],
  ['busybox:1.36-glibc', 'docker.io/library/busybox', '1.36-glibc'],
  ['user/app', 'docker.io/user/app', 'latest'],
  ['user/app:tag', 'docker.io/user/app', 'tag'],
  ['docker.io/busybox', 'docker.io/library/busybox', 'latest'],
  ['docker.io/library/busybox', 'docker.io/library/busybox', 'latest'],
  ['index.docker.io/busybox', 'docker.io/library/busybox', 'latest'],
  ['index.docker.io/user/app:1', 'docker.io/user/app', '1'],
  ['library/busybox', 'docker.io/library/busybox', 'latest'],
  ['docker.io/user/app', 'docker.io/user/app', 'latest'],
  ['registry.example.com/app', 'registry.example.com/app', 'latest'],
  ['registry.example.com/team/app:1.0', 'registry.example.com/team/app', '1.0'],
  ['host:5000/a/b', 'host:5000/a/b', 'latest'],
  ['host:5000/a', 'host:5000/a', 'latest'],
  ['host:5000/a/b:tag', 'host:5000/a/b', 'tag'],
  ['localhost/app', 'localhost/app', 'latest'],
  ['localhost:5000/app:1', 'localhost:5000/app', '1'],
  ['127.0.0.1:5000/app', '127.0.0.1:5000/app', 'latest'],
  ['[::1]:5000/app', '[::1]:5000/app', 'latest'],
  ['[2001:db8::1]/app', '[2001:db8::1]/app', 'latest'],
  ['Host/app', 'Host/app', 'latest'],
  ['HOST:5000/app:V1', 'HOST:5000/app', 'V1'],
  [`busybox@${DIGEST}`, 'docker.io/library/busybox', `${DIGEST}`],
  [`busybox:1@${DIGEST}`, 'docker.io/library/busybox', `${DIGEST}`],
  [`user/app@${DIGEST}`, 'docker.io/user/app', `${DIGEST}`],
  [`host:5000/a/b@${DIGEST}`, 'host:5000/a/b', `${DIGEST}`],
  ['host/a/b/c/d', 'docker.io/host/a/b/c/d', 'latest'],
  ['a/b/c', 'docker.io/a/b/c', 'latest'],
  ['a__b', 'docker.io/library/a__b', 'latest'],
  ['a_b', 'docker.io/library/a_b', 'latest'],
  ['a.b', 'docker.io/library/a.b', 'latest'],
  ['a--b', 'docker.io/library/a--b', 'latest'],
  [`a:${A(128)}`, 'docker.io/library/a', `${A(128)}`],
  ['a:_tag', 'docker.io/library/a', '_tag'],
  ['a:t.a-g_', 'docker.io/library/a', 't.a-g_'],
  ['Foo/bar', 'Foo/bar', 'latest'],
  [`foo@sha256:${A(64)}`, 'docker.io/library/foo', `sha256:${A(64)}`],
  [`${HEX}:x`, `docker.io/library/${HEX}`, 'x'],
  ['host:99999999/app', 'host:99999999/app', 'latest'],
  ['ho_st.com/app', 'ho_st.com/app', 'latest'],
  ['a.b/c', 'a.b/c', 'latest'],
  ['sub-dom1.foo.com/bar/baz/quux', 'sub-dom1.foo.com/bar/baz/quux', 'latest'],
  ['sub-dom1.foo.com/bar/baz/quux:some-long-tag', 'sub-dom1.foo.com/bar/baz/quux', 'some-long-tag'],
  ['b.gcr.io/test.example.com/my-app:test.example.com', 'b.gcr.io/test.example.com/my-app', 'test.example.com'],
  ['xn--n3h.com/myimage', 'xn--n3h.com/myimage', 'latest'],
  [`${A(247)}`, `docker.io/library/${A(247)}`, 'latest'],
  [`x/${A(253)}`, `docker.io/x/${A(253)}`, 'latest'],
  [`host.com/${A(255)}`, `host.com/${A(255)}`, 'latest'],
  ['docker.io/library/a/b', 'docker.io/library/a/b', 'latest'],
  ['library/a/b', 'docker.io/library/a/b', 'latest'],
  ['localhost', 'docker.io/library/localhost', 'latest'],
  ['localhost:5000', 'docker.io/library/localhost', '5000'],
  ['index.docker.io', 'docker.io/library/index.docker.io', 'latest'],
  ['LOCALHOST/app', 'LOCALHOST/app', 'latest'],
  ['[::1]/app', '[::1]/app', 'latest'],
  ['1.2.3.4/a', '1.2.3.4/a', 'latest'],
  ['a.b.c:5000', 'docker.io/library/a.b.c', '5000'],
  ['foo/foo_bar.com:8080', 'docker.io/foo/foo_bar.com', '8080'],
  ['foo:8080/bar', 'foo:8080/bar', 'latest'],
]

/** What people write and docker 28's answer (but digests other than sha256, which docker takes and this engine does not). */
const REFUSED: readonly (readonly [text: string, message: string])[] = [
  ['a___b', 'invalid reference format'],
  ['a..b', 'invalid reference format'],
  ['a-b-', 'invalid reference format'],
  ['-a', 'invalid reference format'],
  ['_a', 'invalid reference format'],
  ['a/-b', 'invalid reference format'],
  ['a/b-', 'invalid reference format'],
  ['a//b', 'invalid reference format'],
  ['/a', 'invalid reference format'],
  ['a/', 'invalid reference format'],
  ['//', 'invalid reference format'],
  ['', 'invalid reference format'],
  ['.', 'invalid reference format'],
  ['..', 'invalid reference format'],
  ['a:', 'invalid reference format'],
  ['a:tag:tag', 'invalid reference format'],
  ['a: tag', 'invalid reference format'],
  [`a:${A(129)}`, 'invalid reference format'],
  ['a:.tag', 'invalid reference format'],
  ['a:-tag', 'invalid reference format'],
  ['Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ['foo/Bar', 'invalid reference format: repository name (foo/Bar) must be lowercase'],
  ['user/Foo:tag', 'invalid reference format: repository name (user/Foo) must be lowercase'],
  ['Foo:tag', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ['docker.io/Foo', 'invalid reference format: repository name (library/Foo) must be lowercase'],
  ['host:5000/Foo', 'invalid reference format: repository name (Foo) must be lowercase'],
  [`FOO@${DIGEST}`, 'invalid reference format: repository name (library/FOO@sha256) must be lowercase'],
  ['foo@sha256:abc', 'invalid reference format'],
  [`foo@sha256:${A(63)}`, 'invalid checksum digest length'],
  [`foo@sha256:${A(65)}`, 'invalid checksum digest length'],
  ['foo@md5:d41d8cd98f00b204e9800998ecf8427e', 'unsupported digest algorithm'],
  [`foo@sha512:${'ab'.repeat(64)}`, 'unsupported digest algorithm'],
  [`foo@sha384:${'ab'.repeat(48)}`, 'unsupported digest algorithm'],
  [`foo@SHA256:${A(64)}`, 'invalid reference format: repository name (library/foo@SHA256) must be lowercase'],
  [`foo@sha256:${'A'.repeat(64)}`, 'invalid checksum digest format'],
  ['foo@', 'invalid reference format'],
  [`@${DIGEST}`, 'invalid reference format'],
  [':tag', 'invalid reference format'],
  [`${A(64)}`, `invalid repository name (${A(64)}), cannot specify 64-byte hexadecimal strings`],
  [`${HEX}`, `invalid repository name (${HEX}), cannot specify 64-byte hexadecimal strings`],
  ['host:port/app', 'invalid reference format'],
  ['host:/app', 'invalid reference format'],
  ['-host.com/app', 'invalid reference format'],
  ['host-.com/app', 'invalid reference format'],
  ['☃.com/myimage', 'invalid reference format'],
  ['föö', 'invalid reference format'],
  ['foo bar', 'invalid reference format'],
  ['foo\tbar', 'invalid reference format'],
  ['foo\nbar', 'invalid reference format'],
  ['foo$bar', 'invalid reference format'],
  ['foo%2Fbar', 'invalid reference format: repository name (library/foo%2Fbar) must be lowercase'],
  ['https://example.com/foo', 'invalid reference format'],
  [`${A(255)}`, 'repository name must not be more than 255 characters'],
  [`${A(248)}`, 'repository name must not be more than 255 characters'],
  [`x/${A(254)}`, 'repository name must not be more than 255 characters'],
  [`x/${A(255)}`, 'repository name must not be more than 255 characters'],
  [`host.com/${A(256)}`, 'repository name must not be more than 255 characters'],
  ['docker.io/', 'invalid reference format'],
  ['[::1', 'invalid reference format'],
  ['aa/asdf$$^/aa', 'invalid reference format'],
  ['a+b', 'invalid reference format'],
  [`foo/bar@${DIGEST.toUpperCase()}`, 'invalid reference format: repository name (foo/bar@SHA256) must be lowercase'],
]

test('references are read as docker reads them', () => {
  for (const [text, repository, suffix] of ACCEPTED) {
    const reference = withDefaultTag(parseReference(text))
    assert.equal(`${reference.domain}/${reference.path}`, repository, text)
    assert.equal(reference.digest ?? reference.tag, suffix, text)
  }
})

test('what is not a reference is refused with the text of docker', () => {
  for (const [text, message] of REFUSED) {
    assert.throws(
      () => parseReference(text),
      (error) => error instanceof SlipwayError && error.kind === 'invalid' && error.message === message,
      text,
    )
  }
})

test('the short name drops the default registry and its official repository', () => {
  const cases = [
    ['docker.io/library/busybox:1', 'busybox:1'],
    ['index.docker.io/user/app', 'user/app'],
    ['library/a/b', 'library/a/b'],
    ['localhost/app', 'localhost/app'],
    [`host:5000/a/b:t@${DIGEST}`, `host:5000/a/b:t@${DIGEST}`],
    ['example.com/library/busybox', 'example.com/library/busybox'],
  ] as const
  for (const [text, familiar] of cases) assert.equal(familiarName(parseReference(text)), familiar)
})

test('a reference survives being written out, long or short, and read again', () => {
  for (const [text] of ACCEPTED) {
    const reference = parseReference(text)
    assert.deepEqual(parseReference(formatReference(reference)), reference, text)
    assert.deepEqual(parseReference(familiarName(reference)), reference, text)
  }
})

test('any text is a reference that can be written and read again, or invalid', () => {
  const part = fc.string({ unit: fc.constantFrom(...'abA0._-:/@[]h '), maxLength: 40 })
  fc.assert(
    fc.property(fc.oneof(part, fc.string({ unit: 'binary' })), (text) => {
      try {
        const reference = parseReference(text)
        assert.deepEqual(parseReference(formatReference(reference)), reference)
      } catch (error) {
        if (!(error instanceof SlipwayError && error.kind === 'invalid')) throw error
      }
    }),
  )
})

test('the default tag is added only where neither tag nor digest is', () => {
  assert.equal(withDefaultTag(parseReference('a')).tag, 'latest')
  assert.equal(withDefaultTag(parseReference('a:1')).tag, '1')
  assert.equal(withDefaultTag(parseReference(`a@${DIGEST}`)).tag, undefined)
  assert.throws(() => withTag(parseReference('a'), 'no tag'), { kind: 'invalid' })
})
