import assert from 'node:assert/strict'
import { test } from 'node:test'
import { encodeElement, nftConcat, nftIfname } from './nft-sets.ts'

test('fields of a concatenation are padded to four bytes each', () => {
  assert.equal(
    nftConcat(Buffer.of(6), Buffer.of(0x1f, 0x90), Buffer.of(1, 2, 3, 4)).toString('hex'),
    '060000001f90000001020304',
  )
  assert.equal(nftConcat().length, 0)
})

test('the name of an interface fills sixteen bytes', () => {
  assert.equal(nftIfname('br0').toString('hex'), `627230${'00'.repeat(13)}`)
  assert.equal(nftIfname('fifteen-letters').toString('latin1'), 'fifteen-letters\0')
  assert.throws(() => nftIfname('sixteen-letters!'), RangeError)
})

test('an element is written with the parts that it has', () => {
  const hex = (element: Parameters<typeof encodeElement>[0]) => encodeElement(element).toString('hex')
  const key = Buffer.of(1, 2, 3, 4)
  const value = (type: string) => `0c00${type}0800010001020304`
  assert.equal(hex({ key }), `10000180${value('0180')}`)
  assert.equal(hex({ key, data: key }), `1c000180${value('0180')}${value('0280')}`)
  assert.equal(hex({ key, keyEnd: key }), `1c000180${value('0180')}${value('0a80')}`)
  assert.equal(hex({ key, endsInterval: true }), `18000180${value('0180')}0800030000000001`)
})
