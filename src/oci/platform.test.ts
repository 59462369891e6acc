import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Descriptor } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { selectManifest } from './manifest-selection.ts'
import { formatPlatform, hostPlatform, matchPlatform, type Platform, parsePlatform } from './platform.ts'

const host = hostPlatform()

test('platforms are read in every spelling and written in one', () => {
  const cases = [
    ['linux/amd64', 'linux/amd64'],
    ['linux/x86_64', 'linux/amd64'],
    ['linux/amd64/v1', 'linux/amd64'],
    ['linux/amd64/v3', 'linux/amd64/v3'],
    ['linux/aarch64', 'linux/arm64'],
    ['linux/arm64/v8', 'linux/arm64'],
    ['linux/arm64/8', 'linux/arm64'],
    ['linux/arm', 'linux/arm/v7'],
    ['linux/arm/v6', 'linux/arm/v6'],
    ['linux/armhf', 'linux/arm/v7'],
    ['linux/armel', 'linux/arm/v6'],
    ['linux/i386', 'linux/386'],
    ['Linux/AMD64', 'linux/amd64'],
    ['linux/s390x', 'linux/s390x'],
    ['windows/amd64', 'windows/amd64'],
    ['macos/arm64', 'darwin/arm64'],
    ['arm64', 'linux/arm64'],
    ['aarch64', 'linux/arm64'],
    ['linux', formatPlatform(host)],
  ] as const
  for (const [text, expected] of cases) assert.equal(formatPlatform(parsePlatform(text)), expected, text)
})

test('what is not a platform is invalid', () => {
  for (const text of ['', '/', 'linux/', 'linux//v7', 'a/b/c/d', 'lin ux/amd64', 'linux/amd64\n', 'x'.repeat(300)]) {
    assert.throws(() => parsePlatform(text), { kind: 'invalid' }, text)
  }
})

test('a platform takes its own variant and lesser ones', () => {
  const cases = [
    ['linux/amd64', 'linux/amd64', true],
    ['linux/amd64', 'linux/x86_64', true],
    ['linux/amd64', 'linux/amd64/v2', false],
    ['linux/amd64/v3', 'linux/amd64', true],
    ['linux/arm/v7', 'linux/arm/v6', true],
    ['linux/arm/v6', 'linux/arm/v7', false],
    ['linux/arm64', 'linux/arm64/v8', true],
    ['linux/arm64', 'linux/amd64', false],
    ['linux/amd64', 'windows/amd64', false],
  ] as const
  for (const [wanted, candidate, expected] of cases) {
    assert.equal(matchPlatform(parsePlatform(wanted), parsePlatform(candidate)), expected, `${candidate} on ${wanted}`)
  }
})

test('the best entry of an index is selected, an attestation never', () => {
  const attestation = entry('linux/amd64', { 'vnd.docker.reference.type': 'attestation-manifest' })
  const [v6, v7, amd64, nameless] = [entry('linux/arm/v6'), entry('linux/arm/v7'), entry('linux/amd64'), entry()]
  const select = (manifests: readonly Descriptor[], wanted: string): Descriptor =>
    selectManifest({ schemaVersion: 2, manifests }, parsePlatform(wanted))
  assert.equal(select([attestation, v6, v7, amd64], 'linux/arm/v7'), v7)
  assert.equal(select([attestation, v6, amd64], 'linux/arm/v7'), v6)
  assert.equal(select([attestation, nameless, amd64], 'linux/amd64'), amd64)
  assert.equal(select([attestation, nameless, amd64], 'linux/s390x'), nameless)
  assert.throws(() => select([attestation, v7], 'linux/amd64'), {
    kind: 'not-found',
    message: 'no matching manifest for linux/amd64 in the manifest list entries',
  })
})

function entry(platform?: string, annotations?: Record<string, string>): Descriptor {
  const parsed: Platform | undefined = platform === undefined ? undefined : parsePlatform(platform)
  return { mediaType: 'x', digest: digestOf(`${platform}`), size: 1, annotations, platform: parsed }
}
