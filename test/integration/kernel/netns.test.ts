import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync, readlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import {
  createNetns,
  inNetns,
  openRtnetlink,
  readSysctl,
  removeNetns,
  startThreadPool,
  writeSysctl,
} from '../../../src/kernel/index.ts'
import { openFds, openFolder, openNamespace } from './lab.ts'

await startThreadPool()

const here = () => readlinkSync('/proc/thread-self/ns/net')
const HOME = here()

test('a new namespace has its own loopback, up, and nothing else', () => {
  using namespace = openNamespace()
  assert.equal(here(), HOME)
  using inside = openRtnetlink({ netns: namespace.fd })
  const [lo, ...others] = inside.links().filter(({ kind }) => kind === undefined)
  assert.deepEqual([lo?.name, lo?.up, others], ['lo', true, []])
  assert.ok(inside.addresses().some(({ address }) => address === '127.0.0.1'))
})

test('a section is inside, also one within another, and afterwards we are where we were', () => {
  using a = openNamespace()
  using b = openNamespace()
  const places = a.inside(() => {
    const outer = here()
    const inner = b.inside(here)
    openRtnetlink({ netns: b.fd }).close()
    return [outer, inner, here()]
  })
  assert.equal(new Set([...places, HOME]).size, 3)
  assert.equal(places[0], places[2])
  assert.equal(here(), HOME)
})

test('a section that throws is left', () => {
  using namespace = openNamespace()
  assert.throws(() => namespace.inside(() => assert.fail('on purpose')), /on purpose/)
  assert.equal(here(), HOME)
})

test('a namespace made inside another leads back to that one', () => {
  using outer = openNamespace()
  using folder = openFolder()
  const path = join(folder.path, 'inner')
  outer.inside(() => {
    const before = here()
    createNetns(path)
    assert.equal(here(), before)
  })
  assert.equal(here(), HOME)
  removeNetns(path)
})

test('what is no namespace is not entered', () => {
  using folder = openFolder()
  const file = join(folder.path, 'file')
  writeFileSync(file, '')
  assert.throws(() => inNetns(9999, () => {}), { code: 'EBADF' })
  assert.throws(() => inNetns(0, () => {}), { name: 'KernelError' })
  assert.equal(here(), HOME)
})

test('a namespace is not made over a file nor in a folder that is missing, and removing is idempotent', () => {
  using folder = openFolder()
  const fds = openFds()
  const taken = join(folder.path, 'taken')
  writeFileSync(taken, 'mine')
  assert.throws(() => createNetns(taken), { code: 'EEXIST' })
  assert.equal(readFileSync(taken, 'utf8'), 'mine')
  assert.throws(() => createNetns(join(folder.path, 'nowhere', 'ns')), { code: 'ENOENT' })
  const path = join(folder.path, 'ns')
  createNetns(path)
  removeNetns(path)
  removeNetns(path)
  assert.equal(existsSync(path), false)
  assert.equal(here(), HOME)
  assert.deepEqual(openFds(), fds)
})

test('kernel parameters inside are not those outside', () => {
  using namespace = openNamespace()
  const name = 'net.ipv4.ip_default_ttl'
  const outside = readSysctl(name)
  namespace.inside(() => {
    writeSysctl(name, '42')
    assert.equal(readSysctl(name), '42')
  })
  assert.equal(readSysctl(name), outside)
})

test('all threads of the process stay in the host’s namespace', async () => {
  using namespace = openNamespace()
  namespace.inside(() => {
    // The first work of a pool that nobody has started would give birth to its threads right here.
    void import('node:fs/promises').then(({ stat }) => stat('/'))
  })
  await new Promise(setImmediate)
  const threads = readdirSync('/proc/self/task').map((id) => readlinkSync(`/proc/self/task/${id}/ns/net`))
  assert.deepEqual([...new Set(threads)], [HOME])
})
