import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { Result } from './measurement.ts'
import { missedTargets, ratioOf, renderReport } from './report.ts'
import { summarise } from './statistics.ts'

const run: Result = {
  title: 'run',
  unit: 'ms',
  figures: [
    { peer: 'slipwayd', summary: summarise([50, 40, 45]) },
    { peer: 'dockerd', summary: summarise([300, 250]) },
  ],
  ratioTarget: 0.18,
}
const memory: Result = {
  title: 'memory',
  unit: 'MiB',
  figures: [{ peer: 'slipwayd', summary: summarise([1.7]) }],
  valueTarget: 1.6,
}

test('a summary has the median, between two values when their number is even', () => {
  assert.deepEqual(summarise([3, 1, 2]), { count: 3, median: 2, min: 1, max: 3 })
  assert.equal(summarise([1, 4, 2, 3]).median, 2.5)
  assert.throws(() => summarise([]), /no values/)
})

test('the report has a line for each quantity, with spread, ratio and target', () => {
  const page = renderReport({ facts: ['2 CPUs'], peers: ['slipwayd', 'dockerd'], results: [run, memory] })
  assert.match(page, /^- 2 CPUs$/m)
  assert.match(page, /^\| run \| 45\.0 ms \(40\.0–50\.0\) \| 275 ms \(250–300\) \| 0\.16 \| ≤ 0\.18 \|$/m)
  assert.match(page, /^\| memory \| 1\.70 MiB \| – \| {2}\| ≤ 1\.6 MiB \(missed\) \|$/m)
})

test('only what slipwayd does can miss a target', () => {
  assert.deepEqual(missedTargets([run, memory]), ['memory'])
  const foreign = { ...memory, figures: [{ peer: 'dockerd', summary: summarise([9]) }] }
  assert.deepEqual(missedTargets([foreign]), [])
  assert.equal(ratioOf(foreign), undefined)
})
