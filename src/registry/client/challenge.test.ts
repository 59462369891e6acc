import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseChallenges } from './challenge.ts'

test('challenges are read with their parameters, quoted or not, several in one header', () => {
  const header = 'Bearer realm="https://auth/token",service="a \\"b\\"", scope="x:y:pull,push", Basic realm=plain'
  assert.deepEqual(parseChallenges(header), [
    { scheme: 'bearer', parameters: { realm: 'https://auth/token', service: 'a "b"', scope: 'x:y:pull,push' } },
    { scheme: 'basic', parameters: { realm: 'plain' } },
  ])
  assert.deepEqual(parseChallenges(''), [])
  assert.deepEqual(parseChallenges('Negotiate'), [{ scheme: 'negotiate', parameters: {} }])
})
