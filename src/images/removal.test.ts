import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lab, openLab } from '../../test/fixtures/image-lab.ts'
import { shortId } from '../base/index.ts'
import type { Image } from './contract.ts'

const container = { id: '0123456789abcdef'.repeat(4), running: false }
const short = shortId(container.id)

/** The id as messages show it. */
function shown({ id }: Image): string {
  return shortId(id.slice('sha256:'.length))
}

function digestName(lab: Lab, image: Image, repository: string): string {
  const name = `${repository}@${image.manifest.digest}`
  lab.images.register({ manifest: image.manifest.digest, mediaType: image.manifest.mediaType, repoDigest: name })
  return name
}

test('the only name takes the image with it', async () => {
  await using lab = await openLab()
  const image = lab.make('app', { config: { Labels: { a: 'b' } } })
  lab.make('other')
  assert.deepEqual(await lab.images.remove('app'), [{ untagged: 'app:latest' }, { deleted: image.id }])
  assert.throws(() => lab.images.resolve(image.id), { kind: 'not-found' })
  assert.deepEqual(lab.events.slice(-2), [
    { action: 'untag', id: image.id, attributes: { a: 'b', name: image.id } },
    { action: 'delete', id: image.id, attributes: { name: image.id } },
  ])
  assert.equal(lab.store.blobs.stat(image.id), undefined)
  assert.equal(lab.store.blobs.stat(image.manifest.digest), undefined)
  await assert.rejects(lab.images.remove('app'), { kind: 'not-found', message: 'No such image: app:latest' })
})

test('one of several names is only untagged', async () => {
  await using lab = await openLab()
  const image = lab.make('app:1')
  lab.images.tag('app:1', 'app:2')
  assert.deepEqual(await lab.images.remove('app:1'), [{ untagged: 'app:1' }])
  assert.deepEqual(lab.images.resolve('app:2').id, image.id)
  assert.deepEqual(await lab.images.remove('app:2', { force: true }), [{ untagged: 'app:2' }, { deleted: image.id }])
})

test('an id removes an image with one tag, and one with several only by force', async () => {
  await using lab = await openLab()
  const image = lab.make('app:1')
  lab.images.tag('app:1', 'host:5000/app:1')
  await assert.rejects(lab.images.remove(image.id), {
    kind: 'conflict',
    message: `conflict: unable to delete ${shown(image)} (must be forced) - image is referenced in multiple repositories`,
  })
  assert.deepEqual(await lab.images.remove(shown(image), { force: true }), [
    { untagged: 'app:1' },
    { untagged: 'host:5000/app:1' },
    { deleted: image.id },
  ])
  const single = lab.make('single')
  assert.deepEqual(await lab.images.remove(shown(single)), [{ untagged: 'single:latest' }, { deleted: single.id }])
  const nameless = lab.make()
  assert.deepEqual(await lab.images.remove(nameless.id), [{ deleted: nameless.id }])
})

test('digest names go with the last tag of their repository, and count as one with it', async () => {
  await using lab = await openLab()
  const image = lab.make('app')
  const digest = digestName(lab, image, 'app')
  const removed = [{ untagged: 'app:latest' }, { untagged: digest }, { deleted: image.id }]
  assert.deepEqual(await lab.images.remove('app'), removed)

  const byId = lab.make('app')
  digestName(lab, byId, 'app')
  assert.deepEqual((await lab.images.remove(shown(byId))).at(-1), { deleted: byId.id })

  const elsewhere = lab.make('app')
  const foreign = digestName(lab, elsewhere, 'other')
  assert.deepEqual(await lab.images.remove('app'), [{ untagged: 'app:latest' }])
  assert.deepEqual(lab.images.resolve(elsewhere.id).repoDigests, [foreign])
  assert.deepEqual(await lab.images.remove(foreign), [{ untagged: foreign }, { deleted: elsewhere.id }])
})

test('a stopped container keeps the last name, and the image, unless forced', async () => {
  await using lab = await openLab()
  const image = lab.make('app')
  lab.containers.set(image.id, [container])
  await assert.rejects(lab.images.remove('app'), {
    kind: 'conflict',
    message: `conflict: unable to remove repository reference "app" (must force) - container ${short} is using its referenced image ${shown(image)}`,
  })
  await assert.rejects(lab.images.remove(shown(image)), {
    kind: 'conflict',
    message: `conflict: unable to delete ${shown(image)} (must be forced) - image is being used by stopped container ${short}`,
  })
  assert.deepEqual(lab.images.resolve('app').tags, ['app:latest'])
  lab.images.tag('app', 'app:2')
  assert.deepEqual(await lab.images.remove('app:2'), [{ untagged: 'app:2' }])
  assert.deepEqual(await lab.images.remove('app', { force: true }), [{ untagged: 'app:latest' }, { deleted: image.id }])
})

test('a running container keeps the image in any case; its name goes by force', async () => {
  await using lab = await openLab()
  const image = lab.make('app')
  lab.containers.set(image.id, [{ ...container, running: true }])
  await assert.rejects(lab.images.remove('app'), {
    kind: 'conflict',
    message: /\(must force\) - container 0123456789ab/,
  })
  await assert.rejects(lab.images.remove(shown(image), { force: true }), {
    kind: 'conflict',
    message: `conflict: unable to delete ${shown(image)} (cannot be forced) - image is being used by running container ${short}`,
  })
  assert.deepEqual(await lab.images.remove('app', { force: true }), [{ untagged: 'app:latest' }])
  assert.deepEqual(lab.images.resolve(image.id).tags, [])
})

test('children keep their parent, and the last one takes unnamed parents with it', async () => {
  await using lab = await openLab()
  const base = lab.make('base')
  const middle = lab.make(undefined, { parent: base.id })
  const top = lab.make('top', { parent: middle.id })
  await assert.rejects(lab.images.remove(middle.id, { force: true }), {
    kind: 'conflict',
    message: `conflict: unable to delete ${shown(middle)} (cannot be forced) - image has dependent child images`,
  })
  assert.deepEqual(await lab.images.remove('base'), [{ untagged: 'base:latest' }])
  assert.deepEqual(await lab.images.remove('top'), [
    { untagged: 'top:latest' },
    { deleted: top.id },
    { deleted: middle.id },
    { deleted: base.id },
  ])
})

test('parents stay when they are named, used, or not to be pruned', async () => {
  await using lab = await openLab()
  const named = lab.make('named')
  const first = lab.make('first', { parent: named.id })
  assert.deepEqual((await lab.images.remove('first')).at(-1), { deleted: first.id })
  const used = lab.make()
  lab.containers.set(used.id, [container])
  const second = lab.make('second', { parent: used.id })
  assert.deepEqual((await lab.images.remove('second')).at(-1), { deleted: second.id })
  const spared = lab.make()
  const third = lab.make('third', { parent: spared.id })
  assert.deepEqual((await lab.images.remove('third', { prune: false })).at(-1), { deleted: third.id })
  const left = [named, used, spared].map(({ id }) => id).toSorted()
  assert.deepEqual(
    lab.images
      .list()
      .map(({ id }) => id)
      .toSorted(),
    left,
  )
})

test('pruning removes what has no tag, with its unnamed parents; with all, whatever no container uses', async () => {
  await using lab = await openLab()
  const kept = lab.make('kept')
  const parent = lab.make()
  const dangling = lab.make(undefined, { parent: parent.id })
  digestName(lab, dangling, 'kept')
  const used = lab.make()
  lab.containers.set(used.id, [container])
  const first = await lab.images.prune({ dangling: true })
  assert.deepEqual(
    first.removed.flatMap(({ deleted }) => deleted ?? []),
    [dangling.id, parent.id],
  )
  assert.ok(first.bytes > 0)
  assert.deepEqual(lab.events.at(-1), { action: 'prune', id: '', attributes: { reclaimed: String(first.bytes) } })
  const second = await lab.images.prune({ dangling: false })
  assert.deepEqual(second.removed, [{ untagged: 'kept:latest' }, { deleted: kept.id }])
  assert.deepEqual(
    lab.images.list().map(({ id }) => id),
    [used.id],
  )
})

test('an image in use keeps all its names when everything else is pruned', async () => {
  await using lab = await openLab()
  const image = lab.make('app:1')
  lab.images.tag('app:1', 'app:2')
  lab.containers.set(image.id, [container])
  assert.deepEqual((await lab.images.prune({ dangling: false })).removed, [])
  assert.deepEqual(lab.images.resolve(image.id).tags, ['app:1', 'app:2'])
})

test('pruning heeds labels and age, and does not run twice at once', async () => {
  await using lab = await openLab()
  const label = (text: string): object => ({ config: { Labels: { kind: text } } })
  const old = lab.make('old', { created: '2020-01-01T00:00:00Z', ...label('x') })
  const young = lab.make('young', { created: '2024-01-01T00:00:00Z', ...label('y') })
  const until = 1_600_000_000_000_000_000n
  const nothing = [
    { dangling: false, until: 1n },
    { dangling: false, labels: ['kind=z'] },
    { dangling: false, labels: ['other'] },
    { dangling: false, notLabels: ['kind'] },
  ]
  for (const filter of nothing)
    assert.deepEqual((await lab.images.prune(filter)).removed, [], JSON.stringify(filter.labels))
  const running = lab.images.prune({ dangling: false, until })
  await assert.rejects(lab.images.prune({ dangling: false }), {
    kind: 'conflict',
    message: 'a prune operation is already running',
  })
  assert.deepEqual((await running).removed.at(-1), { deleted: old.id })
  const rest = await lab.images.prune({ dangling: false, labels: ['kind=y'], notLabels: ['kind=x'] })
  assert.deepEqual(rest.removed.at(-1), { deleted: young.id })
})
