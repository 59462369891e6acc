import assert from 'node:assert/strict'
import { test } from 'node:test'
import { createDetachScanner } from './detach-keys.ts'

interface Case {
  readonly name: string
  readonly keys?: string
  readonly chunks: readonly string[]
  /** What each chunk lets through. */
  readonly forward: readonly string[]
  readonly detached: boolean
}

const cases: readonly Case[] = [
  { name: 'plain text', chunks: ['ls\n'], forward: ['ls\n'], detached: false },
  { name: 'the default keys in one chunk', chunks: ['\x10\x11'], forward: [''], detached: true },
  { name: 'an empty choice is the default', keys: '', chunks: ['\x10\x11'], forward: [''], detached: true },
  { name: 'the default keys one by one', chunks: ['a\x10', '\x11'], forward: ['a', ''], detached: true },
  { name: 'what is behind the keys is dropped', chunks: ['a\x10\x11b'], forward: ['a'], detached: true },
  { name: 'a beginning that fails is given back', chunks: ['\x10', 'x'], forward: ['', '\x10x'], detached: false },
  { name: 'a beginning twice', chunks: ['\x10\x10', '\x11'], forward: ['\x10', ''], detached: true },
  { name: 'keys that overlap with themselves', keys: 'a,a,b', chunks: ['aaab'], forward: ['a'], detached: true },
  {
    name: 'a longer beginning that overlaps',
    keys: 'a,b,a,c',
    chunks: ['abab', 'ac'],
    forward: ['ab', ''],
    detached: true,
  },
  { name: 'a single key', keys: 'ctrl-]', chunks: ['x\x1d'], forward: ['x'], detached: true },
  { name: 'DEL and ctrl-@', keys: 'DEL,ctrl-@', chunks: ['\x7f', '\0'], forward: ['', ''], detached: true },
  {
    name: 'ctrl-\\ ctrl-^ ctrl-_',
    keys: 'ctrl-\\,ctrl-^,ctrl-_',
    chunks: ['\x1c\x1e\x1f'],
    forward: [''],
    detached: true,
  },
]

for (const { name, keys, chunks, forward, detached } of cases) {
  test(`detach keys: ${name}`, () => {
    const scanner = createDetachScanner(keys)
    const results = chunks.map((chunk) => scanner.feed(Buffer.from(chunk, 'latin1')))
    assert.deepEqual(
      results.map((result) => result.forward.toString('latin1')),
      forward,
    )
    assert.equal(results.at(-1)?.detached, detached)
  })
}

test('bytes of any value go through unchanged', () => {
  const scanner = createDetachScanner('ctrl-a,b')
  const all = Buffer.from(Array.from({ length: 256 }, (_, value) => value))
  assert.deepEqual(scanner.feed(all).forward, all)
})

test('keys that no terminal sends are invalid', () => {
  for (const keys of ['ctrl-', 'ctrl-P', 'ctrl-ab', 'ab', 'ctrl-p,', 'f1', 'é']) {
    assert.throws(() => createDetachScanner(keys), {
      kind: 'invalid',
      message: `Invalid detach keys (${keys}) provided`,
    })
  }
})
