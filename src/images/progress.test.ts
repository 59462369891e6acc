import assert from 'node:assert/strict'
import { test } from 'node:test'
import { progressLine } from './progress.ts'

const line = { status: 'Loading layer', id: '0123456789ab' }

test('progress is written as Docker writes it', () => {
  assert.deepEqual(progressLine({ ...line, current: 557_056, total: 1_113_600 }), {
    status: 'Loading layer',
    progressDetail: { current: 557_056, total: 1_113_600 },
    progress: '[=========================>                         ]  557.1kB/1.114MB',
    id: '0123456789ab',
  })
})

test('the beginning has no current value and the end a full bar', () => {
  const begin = progressLine({ ...line, current: 0, total: 999 })
  assert.deepEqual(begin.progressDetail, { total: 999 })
  assert.equal(begin.progress, `[>${' '.repeat(50)}]       0B/999B`)
  assert.equal(progressLine({ ...line, current: 5e9, total: 5e9 }).progress, `[${'='.repeat(50)}>]      5GB/5GB`)
  assert.equal(progressLine({ ...line, current: 0, total: 0 }).progress, undefined)
})
