import assert from 'node:assert/strict'
import { readdirSync } from 'node:fs'
import { test } from 'node:test'
import { gzipSync } from 'node:zlib'
import { digestOf } from '../../../src/oci/index.ts'
import { mustRun } from '../../fixtures/command.ts'
import { chunksOf, type Member, openLab, tarOf } from '../../fixtures/image-lab.ts'

type Members = readonly (readonly [name: string, member: Member])[]

const layer = await tarOf([['hello', 'world']])
const config = configOf(digestOf(layer))

function configOf(...diffIds: readonly string[]): string {
  return JSON.stringify({ architecture: 'amd64', os: 'linux', rootfs: { type: 'layers', diff_ids: diffIds } })
}

function manifest(item: object): readonly [string, Member] {
  return [
    'manifest.json',
    JSON.stringify([{ Config: 'config.json', RepoTags: ['x:1'], Layers: ['layer.tar'], ...item }]),
  ]
}

const parts: Members = [
  ['config.json', config],
  ['layer.tar', layer],
]

/** An OCI layout of a manifest over these parts, with changes. */
function layout({ manifest: changed = {}, descriptor = {} }: { manifest?: object; descriptor?: object }): Members {
  const describe = (mediaType: string, bytes: string | Buffer): object => ({
    mediaType: `application/vnd.oci.image.${mediaType}`,
    digest: digestOf(bytes),
    size: Buffer.byteLength(bytes),
  })
  const bytes = JSON.stringify({
    schemaVersion: 2,
    config: describe('config.v1+json', config),
    layers: [describe('layer.v1.tar', layer)],
    ...changed,
  })
  const index = { schemaVersion: 2, manifests: [{ ...describe('manifest.v1+json', bytes), ...descriptor }] }
  return [
    ...[config, layer, bytes].map((blob) => [`blobs/sha256/${digestOf(blob).slice(7)}`, blob] as const),
    ['index.json', JSON.stringify(index)],
    ['oci-layout', '{"imageLayoutVersion":"1.0.0"}'],
  ]
}

const other = digestOf('something else')

const hostile: readonly (readonly [what: string, members: Members, message: RegExp])[] = [
  ['an empty archive', [], /neither manifest.json nor index.json found/],
  ['an archive of Docker before 1.10', [['repositories', '{}']], /before 1\.10/],
  [
    'a configuration outside the archive',
    [...parts, manifest({ Config: '../../../../etc/passwd' })],
    /"..\/.*" is named and missing/,
  ],
  [
    'a layer outside the archive',
    [...parts, manifest({ Layers: ['/etc/passwd'] })],
    /"\/etc\/passwd" is named and missing/,
  ],
  [
    'a link that leads outside',
    [...parts, ['etc', { symlink: '/etc/passwd' }], manifest({ Layers: ['etc'] })],
    /is named and missing/,
  ],
  [
    'a loop of links',
    [['config.json', config], ['layer.tar', { symlink: 'b' }], ['b', { symlink: 'layer.tar' }], manifest({})],
    /too many levels/,
  ],
  ['a missing layer', [['config.json', config], manifest({})], /"layer.tar" is named and missing/],
  ['a layer too few', [...parts, manifest({ Layers: [] })], /layers length mismatch: expected 0, got 1/],
  [
    'a layer too many',
    [...parts, manifest({ Layers: ['layer.tar', 'layer.tar'] })],
    /layers length mismatch: expected 2, got 1/,
  ],
  ['another layer than told', [['config.json', configOf(other)], ['layer.tar', layer], manifest({})], /diff ?id/i],
  ['a layer that is no archive', [['config.json', config], ['layer.tar', 'no tar'], manifest({})], /./],
  [
    'a folder where a layer should be',
    [['config.json', config], ['layer.tar/x', layer], manifest({})],
    /is named and missing/,
  ],
  ['a name without a tag', [...parts, manifest({ RepoTags: ['x'] })], /invalid tag "x"/],
  ['a bad name', [...parts, manifest({ RepoTags: ['../x:1'] })], /invalid reference format/],
  ['a name that reads as an id', [...parts, manifest({ RepoTags: ['sha256:abc'] })], /ambiguous tag/],
  [
    'another system',
    [['config.json', config.replace('linux', 'windows')], ['layer.tar', layer], manifest({})],
    /cannot load windows image on linux/,
  ],
  [
    'a configuration that is none',
    [['config.json', '[]'], ['layer.tar', layer], manifest({})],
    /invalid image configuration/,
  ],
  [
    'a configuration beyond measure',
    [['config.json', `${config}${' '.repeat(9 << 20)}`], ['layer.tar', layer], manifest({})],
    /at most 8388608 are accepted/,
  ],
  [
    'a table of contents beyond measure',
    [...parts, ['manifest.json', ' '.repeat(9 << 20)]],
    /at most 8388608 are accepted/,
  ],
  ['a deeply nested table of contents', [...parts, ['manifest.json', '['.repeat(1 << 20)]], /not JSON/],
  ['an index that is none', [['index.json', '[]']], /invalid index/],
  [
    'a layout without its manifest',
    layout({}).filter(([, member]) => !String(member).includes('"layers":')),
    /is named and missing/,
  ],
  ['a layout with another manifest', layout({ descriptor: { digest: other } }), /is named and missing/],
  ['a layout with a wrong size', layout({ descriptor: { size: 1 } }), /its descriptor says 1/],
  ['a layout with an artifact', layout({ descriptor: { mediaType: 'application/vnd.example' } }), /is not an image/],
  ['a layout with a layer too few', layout({ manifest: { layers: [] } }), /layers length mismatch/],
]

for (const [what, members, message] of hostile) {
  test(`${what} is refused, and nothing of it stays`, async () => {
    await using lab = await openLab()
    const archive = await tarOf(members)
    await assert.rejects(lab.load(archive), (error: Error & { kind?: string }) => {
      assert.match(error.message, message, error.stack)
      assert.match(String(error.kind), /^(?:invalid|corrupt|unsupported)$/, error.stack)
      return true
    })
    assert.deepEqual(lab.images.list({ all: true }), [])
    assert.deepEqual(lab.store.blobs.list(), [])
    assert.deepEqual(
      readdirSync(lab.path('data/layers')).filter((name) => name.length > 60),
      [],
    )
    assert.deepEqual(lab.events, [])
  })
}

test('a blob that is not what its name says is refused', async () => {
  await using lab = await openLab()
  const members = layout({}).map(([name, member]) =>
    name.startsWith('blobs/') && member === layer
      ? ([name, Buffer.alloc(layer.length)] as const)
      : ([name, member] as const),
  )
  await assert.rejects(lab.load(await tarOf(members)), { kind: 'corrupt' })
  assert.deepEqual(lab.store.blobs.list(), [])
})

test('cut off archives are refused, plain and compressed', async () => {
  await using lab = await openLab()
  const archive = await tarOf([...parts, manifest({})])
  for (const bytes of [
    archive.subarray(0, 700),
    gzipSync(archive).subarray(0, 200),
    Buffer.alloc(0),
    Buffer.from('x'),
  ]) {
    await assert.rejects(lab.load(bytes), (error: Error & { kind?: string }) => {
      assert.match(String(error.kind), /^(?:invalid|corrupt)$/, error.stack)
      return true
    })
  }
  assert.deepEqual(lab.store.blobs.list(), [])
})

test('a hole of a terabyte is not written out', async () => {
  await using lab = await openLab()
  const image = lab.path('sparse')
  await mustRun('truncate', ['--size', '1T', image])
  const { stdoutBytes } = await mustRun('tar', ['--sparse', '-C', lab.folder, '-cf', '-', 'sparse'])
  await assert.rejects(lab.load(stdoutBytes), { kind: 'invalid', message: /sparse members are not accepted/ })
  assert.deepEqual(lab.store.blobs.list(), [])
})

test('the same parts without a trick load, in any order, through links, compressed', async () => {
  const orders: readonly Members[] = [
    [...parts, manifest({})],
    [manifest({}), ...parts.toReversed()],
    [
      ['config.json', config],
      ['deep/layer.tar', layer],
      ['x/layer.tar', { symlink: '../deep/layer.tar' }],
      manifest({ Layers: ['x/layer.tar'] }),
    ],
    [['config.json', config], ['./a', layer], ['layer.tar', { hardlink: 'a' }], manifest({})],
    [...parts, manifest({ Layers: ['../layer.tar'], Config: '/./config.json' })],
    [['config.json', config], ['layer.tar', gzipSync(layer)], manifest({})],
  ]
  for (const members of orders) {
    await using lab = await openLab()
    assert.deepEqual(await lab.load(gzipSync(await tarOf(members)), { quiet: true }), [
      { stream: 'Loaded image: x:1\n' },
    ])
    assert.equal(lab.images.resolve('x:1').id, digestOf(config))
  }
  await using lab = await openLab()
  await lab.load(await tarOf(layout({})))
  assert.equal(lab.images.resolve(digestOf(config)).manifest.digest, digestOf(String(layout({})[2]?.[1])))
})

test('platforms are chosen from an index, and from several images', async () => {
  await using lab = await openLab()
  const arm = config.replace('amd64', 'arm64')
  const archive = await tarOf([
    ...parts,
    ['arm.json', arm],
    [
      'manifest.json',
      JSON.stringify([
        { Config: 'config.json', RepoTags: ['x:amd'], Layers: ['layer.tar'] },
        { Config: 'arm.json', RepoTags: ['x:arm'], Layers: ['layer.tar'] },
      ]),
    ],
  ])
  const platform = { os: 'linux', architecture: 'arm64' }
  assert.deepEqual(await lab.load(archive, { platform, quiet: true }), [{ stream: 'Loaded image: x:arm\n' }])
  await assert.rejects(lab.load(archive, { platform: { os: 'linux', architecture: 's390x' } }), {
    kind: 'not-found',
    message: 'no images providing the requested platform linux/s390x found',
  })
})

test('an abandoned load leaves nothing behind', async () => {
  await using lab = await openLab()
  const archive = await tarOf([...parts, manifest({})])
  for await (const line of lab.images.load(chunksOf(archive), {})) {
    assert.equal(line.status, 'Loading layer')
    break
  }
  assert.deepEqual(lab.images.list({ all: true }), [])
  assert.deepEqual(lab.store.blobs.list(), [])
  const controller = new AbortController()
  async function* endless(): AsyncGenerator<Uint8Array> {
    yield archive.subarray(0, 1024)
    controller.abort()
    yield archive.subarray(1024)
  }
  await assert.rejects(Array.fromAsync(lab.images.load(endless(), { signal: controller.signal })), {
    kind: 'cancelled',
  })
  assert.deepEqual(lab.store.blobs.list(), [])
})
