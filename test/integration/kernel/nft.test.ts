import assert from 'node:assert/strict'
import { test } from 'node:test'
import {
  type NftElement,
  NftError,
  type NftFamily,
  nftConcat,
  nftIfname,
  openNft,
  openNftSets,
  startThreadPool,
} from '../../../src/kernel/index.ts'
import { openNamespace } from './lab.ts'

await startThreadPool()

/** A ruleset and its elements in a namespace of the test's own. */
function openTables() {
  const stack = new DisposableStack()
  const namespace = stack.use(openNamespace())
  const nft = stack.use(namespace.inside(openNft))
  const sets = stack.use(namespace.inside(openNftSets))
  return {
    nft,
    sets,
    /** What nft(8) makes of the elements, one a line. */
    elements(set: string, family: NftFamily = 'ip'): string[] {
      const text = nft.run(`list set ${family} t ${set}`)
      const list = /elements = \{([^}]*)\}/s.exec(text)?.[1] ?? ''
      return list
        .split(',')
        .map((element) => element.replace(/\s+/g, ' ').trim())
        .filter((element) => element !== '')
    },
    [Symbol.dispose]: () => stack.dispose(),
  }
}

test('a script is one transaction: it takes effect as a whole or says why not', () => {
  using tables = openTables()
  const { nft } = tables
  assert.equal(nft.run('add table ip t'), '')
  assert.throws(
    () => nft.run('add table ip other; add chain ip nowhere c'),
    (error: Error) => error instanceof NftError && /No such file or directory/.test(error.message),
  )
  assert.throws(() => nft.run('add foo'), { name: 'NftError', message: /syntax error/ })
  assert.equal(nft.run('list tables'), 'table ip t\n')
})

test('what one script prints is not found by the next', () => {
  using tables = openTables()
  const { nft } = tables
  nft.run('add table ip t')
  assert.throws(() => nft.run('list table ip t; list table ip nowhere'), NftError)
  assert.equal(nft.run('add chain ip t c'), '')
  assert.throws(() => nft.run('list table ip elsewhere'), { message: /elsewhere/ })
  assert.doesNotMatch(nft.run('list tables'), /chain/)
})

test('a context that has been closed runs nothing', () => {
  using namespace = openNamespace()
  const nft = namespace.inside(openNft)
  nft.close()
  nft.close()
  assert.throws(() => nft.run('list tables'), /closed/)
})

const port = (number: number): Buffer => Buffer.of(number >> 8, number & 255)
const TCP = Buffer.of(6)

test('elements of a map of concatenations come and go', () => {
  using tables = openTables()
  const { nft, sets } = tables
  nft.run('add table ip t; add map ip t m { type inet_proto . inet_service : ipv4_addr . inet_service; }')
  const key = nftConcat(TCP, port(8080))
  const place = { family: 'ip', table: 't', set: 'm' } as const
  const element = { key, data: nftConcat(Buffer.of(172, 17, 0, 2), port(80)) }
  sets.add({ ...place, elements: [element] })
  sets.add({ ...place, elements: [element] })
  assert.match(nft.run('list map ip t m'), /tcp \. 8080 : 172\.17\.0\.2 \. 80 /)
  const other = { key, data: nftConcat(Buffer.of(172, 17, 0, 3), port(80)) }
  const fresh = { key: nftConcat(TCP, port(9090)), data: element.data }
  assert.throws(() => sets.add({ ...place, elements: [fresh, other] }), { name: 'KernelError', code: 'EEXIST' })
  assert.doesNotMatch(nft.run('list map ip t m'), /9090/)
  sets.delete({ ...place, elements: [{ key }] })
  assert.throws(() => sets.delete({ ...place, elements: [{ key }] }), { code: 'ENOENT' })
})

test('sets of names, of addresses in both families and of intervals take elements', () => {
  using tables = openTables()
  const { nft, sets, elements } = tables
  nft.run(`
    add table ip t; add table ip6 t
    add set ip t names { type ifname; }
    add set ip t pairs { type ifname . ipv4_addr; flags interval; }
    add set ip t nets { type ipv4_addr; flags interval; }
    add set ip6 t hosts { type ipv6_addr; }`)
  const add = (set: string, element: NftElement, family: NftFamily = 'ip') =>
    sets.add({ family, table: 't', set, elements: [element] })
  add('names', { key: nftIfname('br-0123456789ab') })
  add('pairs', {
    key: nftConcat(nftIfname('br0'), Buffer.of(10, 0, 0, 0)),
    keyEnd: nftConcat(nftIfname('br0'), Buffer.of(10, 0, 255, 255)),
  })
  add('hosts', { key: Buffer.from('fd000000000000000000000000000001', 'hex') }, 'ip6')
  const net = [{ key: Buffer.of(172, 17, 0, 0) }, { key: Buffer.of(172, 18, 0, 0), endsInterval: true }]
  sets.add({ family: 'ip', table: 't', set: 'nets', elements: net })
  assert.deepEqual(elements('names'), ['"br-0123456789ab"'])
  assert.deepEqual(elements('pairs'), ['"br0" . 10.0.0.0/16'])
  assert.deepEqual(elements('nets'), ['172.17.0.0/16'])
  assert.deepEqual(elements('hosts', 'ip6'), ['fd00::1'])
  sets.delete({ family: 'ip', table: 't', set: 'nets', elements: net })
  assert.deepEqual(elements('nets'), [])
})

test('what is not there is ENOENT, and the socket goes on', () => {
  using tables = openTables()
  const { nft, sets, elements } = tables
  const element = { key: nftIfname('br0') }
  assert.throws(() => sets.add({ family: 'ip', table: 'no', set: 's', elements: [element] }), {
    code: 'ENOENT',
    path: 'no s',
  })
  nft.run('add table ip t; add set ip t s { type ifname; }')
  sets.add({ family: 'ip', table: 't', set: 's', elements: [element] })
  assert.deepEqual(elements('s'), ['"br0"'])
})

test('every port there is fits into one transaction, and one bad element keeps all out', () => {
  using tables = openTables()
  const { nft, sets, elements } = tables
  nft.run('add table ip t; add set ip t s { type inet_proto . inet_service; }')
  const place = { family: 'ip', table: 't', set: 's' } as const
  const all = Array.from({ length: 65_536 }, (_, number) => ({ key: nftConcat(TCP, port(number)) }))
  const bad = { key: Buffer.of(1) }
  assert.throws(() => sets.add({ ...place, elements: [...all.slice(0, 2000), bad] }), { name: 'KernelError' })
  assert.throws(() => sets.add({ ...place, elements: [bad, ...all.slice(0, 2000)] }), { name: 'KernelError' })
  assert.deepEqual(elements('s'), [])
  sets.add({ ...place, elements: all })
  assert.equal(elements('s').length, all.length)
  const twice = [...all, ...all.slice(0, 1)]
  assert.throws(() => sets.delete({ ...place, elements: twice }), { code: 'ENOENT' })
  assert.equal(elements('s').length, all.length)
  sets.delete({ ...place, elements: all })
  assert.deepEqual(elements('s'), [])
})

test('hundreds of failures in one transaction leave a socket that works', () => {
  using tables = openTables()
  const { nft, sets, elements } = tables
  nft.run('add table ip t; add set ip t s { type ifname; }')
  const place = { family: 'ip', table: 't', set: 's' } as const
  const absent = Array.from({ length: 200_000 }, (_, index) => ({ key: nftIfname(`no${index}`) }))
  assert.throws(() => sets.delete({ ...place, elements: absent }), { code: 'ENOENT' })
  sets.add({ ...place, elements: [{ key: nftIfname('br0') }] })
  assert.deepEqual(elements('s'), ['"br0"'])
})
