import assert from 'node:assert/strict'
import { test } from 'node:test'
import fc from 'fast-check'
import { parseMountinfo } from './mountinfo.ts'

test('a line is read with everything that it says', () => {
  const [entry] = parseMountinfo(
    '36 35 98:0 /mnt1 /mnt2 rw,noatime master:1 shared:7 - ext3 /dev/root rw,errors=continue\n',
  )
  assert.deepEqual(entry, {
    id: 36,
    parent: 35,
    device: '98:0',
    root: '/mnt1',
    target: '/mnt2',
    options: ['rw', 'noatime'],
    propagation: ['master:1', 'shared:7'],
    type: 'ext3',
    source: '/dev/root',
    superOptions: ['rw', 'errors=continue'],
  })
})

test('a mount that spreads nowhere has no fields of propagation', () => {
  const [entry] = parseMountinfo('1 0 0:1 / / rw - tmpfs tmpfs rw')
  assert.deepEqual([entry?.propagation, entry?.type], [[], 'tmpfs'])
})

test('escapes are resolved in paths, sources and options, and a folder called - is one', () => {
  const line = String.raw`40 1 0:33 / /a\040b\011c\012d\134e\043/-/ü rw - overlay over\040lay rw,lowerdir=/x\054y:/z`
  const [entry] = parseMountinfo(line)
  assert.equal(entry?.target, '/a b\tc\nd\\e#/-/ü')
  assert.equal(entry?.source, 'over lay')
  assert.deepEqual(entry?.superOptions, ['rw', 'lowerdir=/x,y:/z'])
})

test('a backslash that stands for itself is not taken for an escape twice', () => {
  const [entry] = parseMountinfo(String.raw`40 1 0:33 / /a\134040 rw - tmpfs t rw`)
  assert.equal(entry?.target, String.raw`/a\040`)
})

test('an empty source keeps its place', () => {
  const [entry] = parseMountinfo('40 1 0:33 / /a rw - tmpfs  rw,size=4k')
  assert.deepEqual([entry?.source, entry?.superOptions], ['', ['rw', 'size=4k']])
})

test('a path comes back from what the kernel makes of it', () => {
  const escapePath = (path: string): string =>
    path.replace(/[ \t\n\\#]/g, (mark) => `\\${mark.charCodeAt(0).toString(8).padStart(3, '0')}`)
  const pathText = fc.string({ unit: fc.constantFrom(...' \t\n\\#/aü-:,0'), minLength: 1 })
  fc.assert(
    fc.property(pathText, (path) => {
      const [entry] = parseMountinfo(`40 1 0:33 / ${escapePath(path)} rw shared:1 - tmpfs t rw\n`)
      assert.equal(entry?.target, path)
    }),
  )
})

test('text of any other form gives nothing and does no harm', () => {
  fc.assert(fc.property(fc.string(), (text) => void parseMountinfo(text)))
  assert.deepEqual(parseMountinfo(''), [])
  assert.deepEqual(parseMountinfo('1 2 3\n\n4 5 6 7 8 9 10'), [])
})
