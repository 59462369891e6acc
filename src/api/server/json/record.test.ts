import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type Codec,
  flag,
  int64,
  keySet,
  list,
  map,
  nullable,
  omitZero,
  TypeMismatch,
  text,
  uint16,
  words,
} from './codec.ts'
import { decodeRoot, embedded, field, optional, record } from './record.ts'

interface Inner {
  readonly path: string
  readonly rate: number
}
interface Outer {
  readonly name: string
  readonly open: boolean
  readonly sizes: readonly number[]
  readonly labels: Readonly<Record<string, string>>
  readonly ports: readonly string[]
  readonly command: readonly string[] | null
  readonly limits: { readonly weight: number }
  readonly inner?: Inner | undefined
}

const inner = record<Inner>('thing.Inner', { path: field('Path', text, ''), rate: field('Rate', int64, 0) })
const outer: Codec<Outer> = record<Outer>('thing.Outer', {
  name: field('Name', text, 'nobody'),
  open: field('Open', omitZero(flag), false),
  sizes: field('Sizes', list(int64, { empty: 'null' }), []),
  labels: field('Labels', map(text, { empty: 'omit' }), {}),
  ports: field('Ports', keySet(), []),
  command: field('Cmd', nullable(words()), null),
  limits: embedded(record<{ weight: number }>('thing.Limits', { weight: field('Weight', uint16, 0) })),
  inner: optional('Inner', inner),
})

const EMPTY: Outer = {
  name: 'nobody',
  open: false,
  sizes: [],
  labels: {},
  ports: [],
  command: null,
  limits: { weight: 0 },
}

test('absent, null and unknown fields leave the initial values', () => {
  assert.deepEqual(decodeRoot(outer, {}), EMPTY)
  assert.deepEqual(decodeRoot(outer, { Name: null, Sizes: null, Labels: null, Inner: null, Nothing: 1 }), EMPTY)
  assert.equal(decodeRoot(outer, null), undefined)
})

test('keys are found whatever their case, the exact one winning', () => {
  assert.equal(decodeRoot(outer, { NAME: 'a' })?.name, 'a')
  assert.equal(decodeRoot(outer, { name: 'a', Name: 'b', nAME: 'c' })?.name, 'b')
})

test('values come through, nested and embedded', () => {
  const decoded = decodeRoot(outer, {
    Open: true,
    Sizes: [1, 2],
    Labels: { a: 'b', __proto__x: 'y' },
    Ports: { '80/tcp': {}, '53/udp': null },
    Cmd: 'ls',
    Weight: 7,
    Inner: { path: '/x', Rate: 5 },
  })
  assert.deepEqual(decoded, {
    name: 'nobody',
    open: true,
    sizes: [1, 2],
    labels: { a: 'b', __proto__x: 'y' },
    ports: ['80/tcp', '53/udp'],
    command: ['ls'],
    limits: { weight: 7 },
    inner: { path: '/x', rate: 5 },
  })
})

test('a label named __proto__ is a label', () => {
  const decoded = decodeRoot(outer, JSON.parse('{"Labels":{"__proto__":"x"},"__proto__":{"Name":"evil"}}'))
  assert.deepEqual(Object.entries(decoded?.labels ?? {}), [['__proto__', 'x']])
  assert.equal(decoded?.name, 'nobody')
})

test('encoding writes what Go would, leaving out what is said to be left out', () => {
  assert.deepEqual(outer.encode(EMPTY), { Name: 'nobody', Sizes: null, Ports: {}, Cmd: null, Weight: 0 })
  const full: Outer = {
    name: 'a',
    open: true,
    sizes: [1],
    labels: { a: 'b' },
    ports: ['80/tcp'],
    command: [],
    limits: { weight: 3 },
    inner: { path: '/x', rate: 1 },
  }
  assert.deepEqual(decodeRoot(outer, outer.encode(full)), full)
})

const MISMATCHES: readonly (readonly [value: unknown, message: string])[] = [
  [{ Name: 3 }, 'json: cannot unmarshal number into Go struct field Outer.Name of type string'],
  [{ Name: ['a'] }, 'json: cannot unmarshal array into Go struct field Outer.Name of type string'],
  [{ Open: 'yes' }, 'json: cannot unmarshal string into Go struct field Outer.Open of type bool'],
  [{ Sizes: {} }, 'json: cannot unmarshal object into Go struct field Outer.Sizes of type []int64'],
  [{ Sizes: [1.5] }, 'json: cannot unmarshal number 1.5 into Go struct field Outer.Sizes of type int64'],
  [{ Weight: 70_000 }, 'json: cannot unmarshal number 70000 into Go struct field Outer.Weight of type uint16'],
  [{ Inner: { Rate: true } }, 'json: cannot unmarshal bool into Go struct field Inner.Inner.Rate of type int64'],
  [{ Labels: { a: 1 } }, 'json: cannot unmarshal number into Go struct field Outer.Labels of type string'],
  [[], 'json: cannot unmarshal array into Go value of type thing.Outer'],
]

for (const [value, message] of MISMATCHES) {
  test(`${JSON.stringify(value)} is refused in the words of Go`, () => {
    assert.throws(
      () => decodeRoot(outer, value),
      (error) => error instanceof TypeMismatch && error.message === message,
    )
  })
}
