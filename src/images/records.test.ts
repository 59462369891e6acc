import assert from 'node:assert/strict'
import { test } from 'node:test'
import { openDatabase } from '../base/index.ts'
import { digestOf, familiarName, parseReference } from '../oci/index.ts'
import type { ImageId } from './contract.ts'
import { createRecords, digestsIn, type ImageRecord, type Records, tagsIn } from './records.ts'

function openRecords(): Records {
  return createRecords(openDatabase(':memory:'))
}

function imageId(text: string): ImageId {
  return digestOf(text) as ImageId
}

function record(text: string, parent?: ImageId): ImageRecord {
  const manifest = { digest: digestOf(`manifest of ${text}`), size: 7, mediaType: 'application/test' }
  return { id: imageId(text), manifest, chainId: undefined, parent, lastTagged: undefined }
}

test('a record comes back as it was put', () => {
  const records = openRecords()
  const full: ImageRecord = { ...record('a'), lastTagged: 1_700_000_000_123_456_789n }
  records.put(full)
  assert.deepEqual(records.get(full.id), full)
  records.put({ ...full, lastTagged: undefined })
  assert.deepEqual(records.all(), [{ ...full, lastTagged: undefined }])
  assert.equal(records.get(imageId('b')), undefined)
})

test('a parent that is not there is not recorded, and one that goes is forgotten', () => {
  const records = openRecords()
  records.put(record('child', imageId('parent')))
  assert.equal(records.get(imageId('child'))?.parent, undefined)
  records.put(record('parent'))
  records.put(record('child', imageId('parent')))
  assert.deepEqual(records.childrenOf(imageId('parent')), [imageId('child')])
  records.delete(imageId('parent'))
  assert.equal(records.get(imageId('child'))?.parent, undefined)
})

test('a name belongs to one image, and goes with it', () => {
  const records = openRecords()
  for (const name of ['a', 'b']) records.put(record(name))
  const reference = parseReference('busybox:latest')
  records.setName({ reference, image: imageId('a') })
  records.setName({ reference, image: imageId('b') })
  assert.equal(records.named(reference), imageId('b'))
  assert.deepEqual(records.namesOf(imageId('a')), [])
  records.delete(imageId('b'))
  assert.equal(records.named(reference), undefined)
  assert.equal(records.allNames().size, 0)
})

test('names with digest are told from names with tag, and a tag beside a digest does not count', () => {
  const records = openRecords()
  records.put(record('a'))
  const digest = digestOf('manifest')
  for (const name of ['host:5000/app:2', 'app:1', `app:1@${digest}`]) {
    records.setName({ reference: parseReference(name), image: imageId('a') })
  }
  const names = records.namesOf(imageId('a'))
  assert.deepEqual(tagsIn(names), ['app:1', 'host:5000/app:2'])
  assert.deepEqual(digestsIn(names), [`app@${digest}`])
  assert.equal(records.named(parseReference(`app:other@${digest}`)), imageId('a'))
  const inRepository = records.namesIn(parseReference('app')).map(({ reference }) => familiarName(reference))
  assert.deepEqual(inRepository, ['app:1', `app@${digest}`])
})

test('ids are found by their first digits', () => {
  const records = openRecords()
  const ids = ['a', 'b', 'c'].map(imageId)
  for (const name of ['a', 'b', 'c']) records.put(record(name))
  const [first] = ids
  assert.deepEqual(records.withPrefix(first!.slice(7, 20), 2), [first])
  assert.deepEqual(records.withPrefix(first!.slice(7), 2), [first])
  assert.equal(records.withPrefix('', 2).length, 2)
  assert.deepEqual(records.withPrefix('000000000000', 2), [])
})

test('the name sha256 is refused as a tag', () => {
  const records = openRecords()
  records.put(record('a'))
  assert.throws(() => records.setName({ reference: parseReference('sha256:abc'), image: imageId('a') }), {
    kind: 'invalid',
    message: 'refusing to create an ambiguous tag using digest algorithm as name',
  })
})
