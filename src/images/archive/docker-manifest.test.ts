import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseDockerManifest } from './docker-manifest.ts'

function parse(value: unknown): ReturnType<typeof parseDockerManifest> {
  return parseDockerManifest(Buffer.from(typeof value === 'string' ? value : JSON.stringify(value)))
}

test('manifest.json is read with what it needs; null lists are empty ones', () => {
  assert.deepEqual(parse([{ Config: 'a.json', RepoTags: null, Layers: ['b/layer.tar'], LayerSources: {} }]), [
    { Config: 'a.json', RepoTags: [], Layers: ['b/layer.tar'] },
  ])
  assert.deepEqual(parse([]), [])
})

const refused: readonly (readonly [value: unknown, message: string])[] = [
  ['null', 'invalid manifest, manifest cannot be null (but can be [])'],
  ['{', 'invalid manifest.json: not JSON in UTF-8'],
  ['\xff', 'invalid manifest.json: not JSON in UTF-8'],
  [{}, 'invalid manifest.json: want a list'],
  [[1], 'invalid manifest.json: image 0: want an object'],
  [[{ Layers: [] }], 'invalid manifest.json: image 0: Config is missing'],
  [[{ Config: 'a', Layers: 'b' }], 'invalid manifest.json: image 0: Layers: want a list of strings'],
  [[{ Config: 'a', RepoTags: [1] }], 'invalid manifest.json: image 0: RepoTags: want a list of strings'],
  [[{ Config: 'a', Layers: Array(10_001).fill('b') }], 'invalid manifest.json: image 0: 10001 layers'],
  [Array(10_001).fill({}), 'invalid manifest.json: 10001 images, at most 10000 are accepted'],
]

for (const [value, message] of refused) {
  test(`manifest.json is refused: ${message}`, () => assert.throws(() => parse(value), { kind: 'invalid', message }))
}
