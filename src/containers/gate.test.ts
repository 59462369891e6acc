import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createGate } from './gate.ts'

test('no more than its width are inside, and everybody gets in, also behind one that fails', async () => {
  const gate = createGate(2)
  let inside = 0
  let most = 0
  const visit = async (number: number): Promise<number> => {
    inside += 1
    most = Math.max(most, inside)
    await Promise.resolve()
    inside -= 1
    if (number === 1) throw new Error('out')
    return number
  }
  const results = await Promise.allSettled([0, 1, 2, 3, 4].map((number) => gate.run(() => visit(number))))
  assert.equal(most, 2)
  assert.deepEqual(
    results.map((result) => (result.status === 'fulfilled' ? result.value : 'failed')),
    [0, 'failed', 2, 3, 4],
  )
})
