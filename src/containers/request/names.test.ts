import assert from 'node:assert/strict'
import { test } from 'node:test'
import { ADJECTIVES, SURNAMES } from './name-words.ts'
import { assertContainerName, generateName } from './names.ts'

test('made-up names are valid and of two words', () => {
  for (let round = 0; round < 100; round += 1) {
    const name = generateName(() => false)
    assert.match(name, /^[a-z]+_[a-z]+$/)
    assertContainerName(name)
  }
})

test('a name that is taken gets a number', () => {
  const seen: string[] = []
  const name = generateName((taken) => seen.push(taken) < 4)
  assert.equal(seen.length, 4)
  assert.match(seen[0] ?? '', /^[a-z]+_[a-z]+$/)
  assert.match(name, /^[a-z]+_[a-z]+\d{1,3}$/)
})

test('the words are words, and each is there once', () => {
  for (const words of [ADJECTIVES, SURNAMES]) {
    assert.equal(new Set(words).size, words.length)
    assert.deepEqual(
      words.filter((word) => !/^[a-z]{3,}$/.test(word)),
      [],
    )
  }
})

test('names are letters, digits and few signs, two at least', () => {
  for (const name of ['ab', 'Web-1', 'a_b.c', '0x']) assertContainerName(name)
  for (const name of ['', 'a', '-ab', '.ab', '_ab', 'a b', 'a/b', '../b', 'ab\n', 'é1']) {
    assert.throws(() => assertContainerName(name), {
      kind: 'invalid',
      message: `Invalid container name (${name}), only [a-zA-Z0-9][a-zA-Z0-9_.-] are allowed`,
    })
  }
})
