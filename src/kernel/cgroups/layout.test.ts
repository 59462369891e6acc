import assert from 'node:assert/strict'
import { test } from 'node:test'
import { parseMountinfo } from '../mounts/mountinfo.ts'
import { layoutOf, ownCgroups } from './layout.ts'

/** A mount table of `target type options` lines. */
function layout(...lines: readonly string[]) {
  const table = lines.map((line, index) => {
    const [target, type, options = ''] = line.split(' ')
    return `${index + 30} 1 0:${index + 30} / ${target} rw shared:1 - ${type} ${type} rw${options && `,${options}`}`
  })
  const { mode, controllers, unified, roots } = layoutOf(parseMountinfo(table.join('\n')))
  return { mode, controllers: Object.fromEntries(controllers), unified, roots }
}

const V1 = [
  '/sys/fs/cgroup tmpfs mode=755',
  '/sys/fs/cgroup/systemd cgroup xattr,name=systemd',
  '/sys/fs/cgroup/cpu,cpuacct cgroup cpu,cpuacct',
  '/sys/fs/cgroup/memory cgroup memory',
]

test('v1 has its controllers, also two in one hierarchy, and the named one', () => {
  assert.deepEqual(layout(...V1), {
    mode: 'v1',
    controllers: {
      cpu: '/sys/fs/cgroup/cpu,cpuacct',
      cpuacct: '/sys/fs/cgroup/cpu,cpuacct',
      memory: '/sys/fs/cgroup/memory',
    },
    unified: undefined,
    roots: ['/sys/fs/cgroup/systemd', '/sys/fs/cgroup/cpu,cpuacct', '/sys/fs/cgroup/memory'],
  })
})

test('hybrid has the unified hierarchy beside the others', () => {
  const { mode, unified, roots } = layout(...V1, '/sys/fs/cgroup/unified cgroup2 nsdelegate')
  assert.deepEqual([mode, unified, roots.at(-1)], ['hybrid', '/sys/fs/cgroup/unified', '/sys/fs/cgroup/unified'])
  assert.equal(roots.length, 4)
})

test('v2 is one hierarchy', () => {
  assert.deepEqual(layout('/sys/fs/cgroup cgroup2 nsdelegate,memory_recursiveprot'), {
    mode: 'v2',
    controllers: {},
    unified: '/sys/fs/cgroup',
    roots: ['/sys/fs/cgroup'],
  })
})

test('v2 stays v2 when a program mounts a v1 controller or a second view beside it', () => {
  const { mode, controllers, roots } = layout(
    '/run/somewhere/cgroup2 cgroup2',
    '/sys/fs/cgroup cgroup2 nsdelegate',
    '/sys/fs/cgroup/net_cls cgroup net_cls',
  )
  assert.deepEqual([mode, controllers, roots], ['v2', {}, ['/sys/fs/cgroup']])
})

test('of a hierarchy that is mounted twice the first mount counts', () => {
  const { controllers, roots } = layout(
    '/sys/fs/cgroup/memory cgroup memory',
    '/var/lib/x/cgroup/memory cgroup memory',
    '/sys/fs/cgroup/unified cgroup2',
    '/var/lib/x/cgroup/unified cgroup2',
  )
  assert.deepEqual(controllers, { memory: '/sys/fs/cgroup/memory' })
  assert.deepEqual(roots, ['/sys/fs/cgroup/memory', '/sys/fs/cgroup/unified'])
})

test('v2 in an unusual place is found, and a host without cgroups has none', () => {
  assert.deepEqual(layout('/dev/cgroup cgroup2').roots, ['/dev/cgroup'])
  assert.deepEqual(layout('/proc proc').roots, [])
})

test('the own cgroups are read by controller', () => {
  const own = ownCgroups('4:cpu,cpuacct:/user:x\n1:name=systemd:/init\n0::/user.slice\n\n')
  assert.deepEqual(Object.fromEntries(own), {
    cpu: '/user:x',
    cpuacct: '/user:x',
    'name=systemd': '/init',
    '': '/user.slice',
  })
})
