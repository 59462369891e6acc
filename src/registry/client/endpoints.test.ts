import assert from 'node:assert/strict'
import { test } from 'node:test'
import { endpointsOf } from './endpoints.ts'

async function addresses(domain: string, settings: Partial<Parameters<typeof endpointsOf>[1]> = {}): Promise<string[]> {
  const found = await endpointsOf(domain, { insecure: [], mirrors: [], access: 'pull', ...settings })
  return found.map(({ base, verify }) => `${base.origin}${verify ? '' : ' unverified'}`)
}

test('plain HTTP is tried on loopback and where it was allowed, nowhere else', async () => {
  assert.deepEqual(await addresses('example.test:5000'), ['https://example.test:5000'])
  assert.deepEqual(await addresses('localhost:5000'), ['https://localhost:5000 unverified', 'http://localhost:5000'])
  assert.deepEqual(await addresses('127.9.0.1'), ['https://127.9.0.1 unverified', 'http://127.9.0.1'])
  for (const insecure of ['10.1.2.3:80', '10.1.2.3', '10.1.0.0/16']) {
    assert.equal((await addresses('10.1.2.3:80', { insecure: [insecure] })).length, 2, insecure)
  }
  assert.equal((await addresses('10.2.2.3', { insecure: ['10.1.0.0/16'] })).length, 1)
  await assert.rejects(addresses('10.2.2.3', { insecure: ['10.1.0.0/99'] }), { kind: 'invalid' })
})

test('mirrors are asked before docker hub, for pulls', async () => {
  const mirrors = ['https://mirror.test/']
  assert.deepEqual(await addresses('docker.io', { mirrors }), ['https://mirror.test', 'https://registry-1.docker.io'])
  assert.deepEqual(await addresses('docker.io', { mirrors, access: 'push' }), ['https://registry-1.docker.io'])
  assert.deepEqual(await addresses('example.test', { mirrors }), ['https://example.test'])
})
