import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { explainJson } from './syntax.ts'

/** What Go 1.24 says of each. */
const CASES: readonly (readonly [text: string, message: string])[] = [
  ['', 'unexpected EOF'],
  ['{', 'unexpected EOF'],
  ['{"a"', 'unexpected EOF'],
  ['{"a":tru', 'unexpected EOF'],
  ['[1,2', 'unexpected EOF'],
  ['"abc', 'unexpected EOF'],
  ['{a:1}', `invalid character 'a' looking for beginning of object key string`],
  ['{"a":1,}', `invalid character '}' looking for beginning of object key string`],
  ['{"a" 1}', `invalid character '1' after object key`],
  ['{"a":1 "b":2}', `invalid character '"' after object key:value pair`],
  ['[1 2]', `invalid character '2' after array element`],
  ['[1,]', `invalid character ']' looking for beginning of value`],
  ['nope', `invalid character 'o' in literal null (expecting 'u')`],
  ['fals}', `invalid character '}' in literal false (expecting 'e')`],
  ["'a'", `invalid character '\\'' looking for beginning of value`],
  ['"a\nb"', `invalid character '\\n' in string literal`],
  ['"\\q"', `invalid character 'q' in string escape code`],
  ['"\\u00g0"', `invalid character 'g' in \\u hexadecimal character escape`],
  ['-x', `invalid character 'x' in numeric literal`],
  ['1.x', `invalid character 'x' after decimal point in numeric literal`],
  ['1ex', `invalid character 'x' in exponent of numeric literal`],
  ['é', `invalid character 'é' looking for beginning of value`],
]

for (const [text, message] of CASES) {
  test(`${JSON.stringify(text)} is explained in the words of Go`, () => {
    assert.deepEqual(explainJson(text), { message, trailing: false })
  })
}

test('something behind a whole value is told apart', () => {
  assert.deepEqual(explainJson('{"a":[1,{}]} x'), {
    message: `invalid character 'x' after top-level value`,
    trailing: true,
  })
})

test('every broken document is found broken where JSON.parse finds it so', () => {
  fc.assert(
    fc.property(fc.json(), fc.nat(), fc.constantFrom('', '}', ',', '"', '\\', 'x', '0', ' '), (text, at, noise) => {
      const cut = at % (text.length + 1)
      const broken = text.slice(0, cut) + noise + text.slice(cut + 1)
      if (isJson(broken)) return
      const { message } = explainJson(broken)
      assert.match(message, /^(unexpected EOF|invalid character .+ (looking|after|in) .+)$/s)
    }),
    { numRuns: 2000 },
  )
})

function isJson(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}
