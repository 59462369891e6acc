import assert from 'node:assert/strict'
import { test } from 'node:test'
import { osReleaseField } from './facts.ts'

const TEXT = `PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME='Single'
VERSION_ID="12"
ID=debian
ESCAPED="a \\"quoted\\" \\$word"
EMPTY=""
`

test('fields of os-release come without their quotes', () => {
  assert.equal(osReleaseField(TEXT, 'PRETTY_NAME'), 'Debian GNU/Linux 12 (bookworm)')
  assert.equal(osReleaseField(TEXT, 'NAME'), 'Single')
  assert.equal(osReleaseField(TEXT, 'VERSION_ID'), '12')
  assert.equal(osReleaseField(TEXT, 'ID'), 'debian')
  assert.equal(osReleaseField(TEXT, 'ESCAPED'), 'a "quoted" $word')
  assert.equal(osReleaseField(TEXT, 'EMPTY'), '')
  assert.equal(osReleaseField(TEXT, 'VERSION'), undefined)
})
