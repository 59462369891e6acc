import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { SlipwayError } from '../base/index.ts'
import { MEDIA_TYPES } from './descriptor.ts'
import { digestOf } from './digest.ts'
import { parseImageConfig } from './image-config.ts'
import { MANIFEST_LIMIT, parseIndex, parseManifest } from './manifest.ts'

const digest = digestOf('x')
const config = { mediaType: MEDIA_TYPES.ociConfig, digest, size: 2 }
const layer = { mediaType: MEDIA_TYPES.ociLayerGzip, digest, size: 3 }
const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [layer] }
const index = { schemaVersion: 2, manifests: [{ ...layer, platform: { os: 'linux', architecture: 'arm64' } }] }
const image = { architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: [digest] } }

const bytes = (value: unknown): Buffer => Buffer.from(JSON.stringify(value))

test('good documents are read, unknown keys dropped, null as absent', () => {
  assert.deepEqual(parseManifest(bytes({ ...manifest, later: 1, annotations: null })), manifest)
  assert.deepEqual(parseIndex(bytes(index)), index)
  const full = { ...image, config: { Cmd: ['sh'], Entrypoint: null, Labels: { a: 'b' }, Volumes: { '/x': {} } } }
  const read = parseImageConfig(bytes({ ...full, history: null, container_config: {} }))
  assert.deepEqual(read, { ...image, config: { Cmd: ['sh'], Labels: { a: 'b' }, Volumes: { '/x': {} } } })
  const empty = parseImageConfig(bytes({ ...image, rootfs: { type: 'layers', diff_ids: null } }))
  assert.deepEqual(empty.rootfs.diff_ids, [])
})

test('a key named __proto__ stays a key', () => {
  const read = parseManifest(Buffer.from(JSON.stringify(manifest).replace('{', '{"annotations":{"__proto__":"x"},')))
  assert.deepEqual(Object.keys(read.annotations ?? {}), ['__proto__'])
  assert.equal(Object.getPrototypeOf(read), Object.prototype)
})

test('every problem of a document is named at once', () => {
  const bad = { ...manifest, config: { ...config, digest: 'sha256:x', size: -1 }, layers: [{ ...layer, size: 1.5 }] }
  assert.throws(() => parseManifest(bytes(bad)), {
    kind: 'invalid',
    message:
      'invalid manifest: config.digest: want sha256:<64 hex digits>; config.size: -1 is out of range; layers[0].size: want an integer',
  })
})

test('wrong documents are invalid', () => {
  const cases: readonly (readonly [string, () => unknown])[] = [
    ['not JSON', () => parseManifest(Buffer.from('{'))],
    ['not UTF-8', () => parseManifest(Buffer.from([0x22, 0xff, 0x22]))],
    ['null', () => parseManifest(bytes(null))],
    ['a list', () => parseManifest(bytes([manifest]))],
    ['too long', () => parseManifest(Buffer.alloc(MANIFEST_LIMIT + 1, ' '))],
    ['schema 1', () => parseManifest(bytes({ schemaVersion: 1, fsLayers: [], history: [] }))],
    ['an index as manifest', () => parseManifest(bytes(index))],
    ['a manifest as index', () => parseIndex(bytes(manifest))],
    ['both at once', () => parseManifest(bytes({ ...manifest, manifests: [layer] }))],
    ['wrong media type', () => parseManifest(bytes({ ...manifest, mediaType: MEDIA_TYPES.ociIndex }))],
    ['no layers', () => parseManifest(bytes({ ...manifest, layers: undefined }))],
    ['null layer', () => parseManifest(bytes({ ...manifest, layers: [null] }))],
    ['too many layers', () => parseManifest(bytes({ ...manifest, layers: Array(10_001).fill({}) }))],
    ['deep nesting', () => parseManifest(Buffer.from('['.repeat(1 << 20) + ']'.repeat(1 << 20)))],
    ['no rootfs', () => parseImageConfig(bytes({ ...image, rootfs: undefined }))],
    ['rootfs type', () => parseImageConfig(bytes({ ...image, rootfs: { type: 'tar', diff_ids: [] } }))],
    ['bad diff id', () => parseImageConfig(bytes({ ...image, rootfs: { type: 'layers', diff_ids: ['x'] } }))],
    ['NUL in a command', () => parseImageConfig(bytes({ ...image, config: { Cmd: ['a\0b'] } }))],
    ['number as label', () => parseImageConfig(bytes({ ...image, config: { Labels: { a: 1 } } }))],
  ]
  for (const [name, read] of cases) assert.throws(read, { kind: 'invalid' }, name)
})

test('any JSON is a document or invalid', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(parseManifest, parseIndex, parseImageConfig), (value, parse) => {
      const seeds = [value, { ...manifest, layers: value }, { ...image, config: value }]
      for (const seed of seeds) {
        try {
          parse(bytes(seed))
        } catch (error) {
          if (!(error instanceof SlipwayError && error.kind === 'invalid')) throw error
        }
      }
    }),
  )
})
