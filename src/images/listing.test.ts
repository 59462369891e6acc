import assert from 'node:assert/strict'
import { test } from 'node:test'
import { type Lab, openLab } from '../../test/fixtures/image-lab.ts'
import type { ImageFilter } from './contract.ts'

/** Five images from 2020 to 2024, made in another order. */
async function openShelf(): Promise<Lab> {
  const lab = await openLab()
  const { id } = lab.make(undefined, { created: '2020-06-01T00:00:00Z', author: 'intermediate' })
  lab.make('app:2', { created: '2022-06-01T00:00:00Z', config: { Labels: { team: 'blue', tier: '1' } }, parent: id })
  lab.make('app:1', { created: '2021-06-01T00:00:00Z', config: { Labels: { team: 'red' } } })
  lab.make('host:5000/x/app:1', { created: '2024-06-01T00:00:00Z' })
  lab.images.tag('app:2', 'other/thing')
  lab.make(undefined, { created: '2023-06-01T00:00:00Z', author: 'dangling' })
  return lab
}

function show(lab: Lab, filter?: ImageFilter): readonly string[] {
  return lab.images.list(filter).map(({ tags, config }) => tags.join(' ') || (config.author ?? ''))
}

const cases: readonly (readonly [filter: ImageFilter | undefined, shown: readonly string[]])[] = [
  [undefined, ['host:5000/x/app:1', 'dangling', 'app:2 other/thing:latest', 'app:1']],
  [{ all: true }, ['host:5000/x/app:1', 'dangling', 'app:2 other/thing:latest', 'app:1', 'intermediate']],
  [{ dangling: true }, ['dangling']],
  [{ dangling: true, all: true }, ['dangling']],
  [{ dangling: false }, ['host:5000/x/app:1', 'app:2 other/thing:latest', 'app:1']],
  [{ labels: ['team'] }, ['app:2 other/thing:latest', 'app:1']],
  [{ labels: ['team=blue', 'tier=1'] }, ['app:2 other/thing:latest']],
  [{ labels: ['team=blue', 'tier=2'] }, []],
  [{ notLabels: ['team'] }, ['host:5000/x/app:1', 'dangling']],
  [{ notLabels: ['team=red'], references: ['app'] }, ['app:2']],
  [{ before: ['app:2'] }, ['app:1']],
  [{ since: ['app:2'] }, ['host:5000/x/app:1', 'dangling']],
  [{ since: ['app:1'], before: ['host:5000/x/app:1'] }, ['dangling', 'app:2 other/thing:latest']],
  [{ until: 1_640_000_000_000_000_000n }, ['app:1']],
  [{ references: ['app'] }, ['app:2', 'app:1']],
  [{ references: ['app:1', 'other/*'] }, ['other/thing:latest', 'app:1']],
  [{ references: ['*/*/app'] }, ['host:5000/x/app:1']],
  [{ references: ['nothing*'] }, []],
]

for (const [filter, shown] of cases) {
  const title = JSON.stringify(filter ?? {}, (_key, value) => (typeof value === 'bigint' ? String(value) : value))
  test(`images are listed newest first with ${title}`, async () => {
    await using lab = await openShelf()
    assert.deepEqual(show(lab, filter), shown)
  })
}

test('filters that name what does not exist or cannot be read are refused', async () => {
  await using lab = await openShelf()
  assert.throws(() => show(lab, { before: ['nope'] }), { kind: 'not-found', message: 'No such image: nope:latest' })
  assert.throws(() => show(lab, { since: ['nope'] }), { kind: 'not-found' })
  assert.throws(() => show(lab, { references: ['['] }), { kind: 'invalid', message: 'syntax error in pattern' })
})
