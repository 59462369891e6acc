import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { MountRequest } from '../contract.ts'
import { cleanPath, type MountPlan, parseBind, parseVolumesFrom, readMount } from './mount-spec.ts'

const BIND: MountPlan = {
  type: 'bind',
  source: '/a',
  destination: '/b',
  mode: '',
  readWrite: true,
  propagation: 'rprivate',
}
const VOLUME: MountPlan = { ...BIND, type: 'volume', source: 'data', propagation: '' }

test('-v is read as docker reads it', () => {
  const cases: readonly [string, MountPlan][] = [
    ['/a:/b', BIND],
    ['/a/../a/:/b/./', BIND],
    ['/a:/b:ro', { ...BIND, mode: 'ro', readWrite: false }],
    ['/a:/b:ro,Z,rslave', { ...BIND, mode: 'ro,Z,rslave', readWrite: false, propagation: 'rslave' }],
    ['/a:/b:cached', { ...BIND, mode: 'cached' }],
    ['/a:/b:', BIND],
    ['data:/b', VOLUME],
    ['data:/b:nocopy,ro', { ...VOLUME, mode: 'nocopy,ro', readWrite: false }],
    ['/b', { ...VOLUME, source: '' }],
    ['./a:/b', { ...VOLUME, source: './a' }],
  ]
  for (const [text, plan] of cases) assert.deepEqual(parseBind(text), plan, text)
})

test('-v that makes no sense is refused in the words of docker', () => {
  const spec = (text: string, reason = '') => `invalid volume specification: '${text}'${reason}`
  const config = (type: string, reason: string) => `: invalid mount config for type "${type}": ${reason}`
  const cases: readonly [string, string][] = [
    ['', spec('')],
    [':', spec(':')],
    [':/b', spec(':/b')],
    ['/b:ro', spec('/b:ro')],
    ['/b:', spec('/b:')],
    ['/a:/b:ro:x', spec('/a:/b:ro:x')],
    ['/a:/b:bogus', 'invalid mode: bogus'],
    ['/a:/b:ro,rw', 'invalid mode: ro,rw'],
    ['/a:/b:z,Z', 'invalid mode: z,Z'],
    ['/a:/b:ro,', 'invalid mode: ro,'],
    ['a:b', spec('a:b', config('volume', `invalid mount path: 'b' mount path must be absolute`))],
    ['/a:b', spec('/a:b', config('bind', `invalid mount path: 'b' mount path must be absolute`))],
    ['/a:/', spec('/a:/', config('bind', `invalid specification: destination can't be '/'`))],
    ['/a:/b/..', spec('/a:/b/..', config('bind', `invalid specification: destination can't be '/'`))],
    ['/a::ro', spec('/a::ro', config('bind', 'field Target must not be empty'))],
    ['/a:/b:nocopy', spec('/a:/b:nocopy', config('bind', 'field VolumeOptions must not be specified'))],
    ['data:/b:shared', spec('data:/b:shared', config('volume', 'field BindOptions must not be specified'))],
  ]
  for (const [text, message] of cases) assert.throws(() => parseBind(text), { kind: 'invalid', message }, text)
})

test('--volumes-from names a container and may forbid writing', () => {
  assert.deepEqual(parseVolumesFrom('web'), { container: 'web', readWrite: true })
  assert.deepEqual(parseVolumesFrom('web:ro'), { container: 'web', readWrite: false })
  assert.deepEqual(parseVolumesFrom('web:rw,z'), { container: 'web', readWrite: true })
  for (const mode of ['bogus', 'nocopy', 'rslave', 'ro:rw']) {
    assert.throws(() => parseVolumesFrom(`web:${mode}`), { kind: 'invalid', message: `invalid mode: ${mode}` })
  }
  assert.throws(() => parseVolumesFrom(''), { message: 'volumes-from specification cannot be an empty string' })
})

const REQUEST: MountRequest = { type: 'bind', source: '/', target: '/b', readOnly: false, consistency: '' }
const NO_BIND = {
  propagation: '',
  nonRecursive: false,
  createMountpoint: false,
  readOnlyNonRecursive: false,
  readOnlyForceRecursive: false,
}
const NO_VOLUME = { noCopy: false, subpath: '', labels: {}, driver: '', driverOptions: {} }

test('--mount is checked', () => {
  assert.deepEqual(readMount(REQUEST), { ...BIND, source: '/' })
  assert.deepEqual(readMount({ ...REQUEST, bind: { ...NO_BIND, propagation: 'shared' }, readOnly: true }), {
    ...BIND,
    source: '/',
    readWrite: false,
    propagation: 'shared',
  })
  const volume = { ...REQUEST, type: 'volume', source: 'data', volume: NO_VOLUME } as const
  assert.deepEqual(readMount(volume), { ...VOLUME, volume: NO_VOLUME })
  const missing = { ...REQUEST, source: '/nowhere/at/all', bind: { ...NO_BIND, createMountpoint: true } }
  assert.equal(readMount(missing).source, '/nowhere/at/all')
})

test('--mount that makes no sense is refused in the words of docker', () => {
  const cases: readonly [Partial<MountRequest>, string][] = [
    [{ target: '' }, 'field Target must not be empty'],
    [{ target: '/' }, `invalid specification: destination can't be '/'`],
    [{ target: 'b' }, `invalid mount path: 'b' mount path must be absolute`],
    [{ source: '' }, 'field Source must not be empty'],
    [{ source: 'a' }, `invalid mount path: 'a' mount path must be absolute`],
    [{ source: '/nowhere/at/all' }, 'bind source path does not exist: /nowhere/at/all'],
    [{ bind: { ...NO_BIND, propagation: 'up' } }, 'invalid propagation mode: up'],
    [
      { bind: { ...NO_BIND, readOnlyNonRecursive: true } },
      'mount options conflict: !ReadOnly && BindOptions.ReadOnlyNonRecursive',
    ],
    [{ volume: NO_VOLUME }, 'field VolumeOptions must not be specified'],
    [{ type: 'volume', bind: NO_BIND }, 'field BindOptions must not be specified'],
    [{ type: 'volume', source: '', readOnly: true }, 'must not set ReadOnly mode when using anonymous volumes'],
    [{ type: 'tmpfs' }, 'field Source must not be specified'],
    [{ type: 'tmpfs', source: '', tmpfs: { sizeBytes: 0, mode: 0, options: [['suid']] } }, 'invalid option: suid'],
  ]
  for (const [changes, reason] of cases) {
    const request = { ...REQUEST, ...changes }
    const message = `invalid mount config for type "${request.type}": ${reason}`
    assert.throws(() => readMount(request), { kind: 'invalid', message })
  }
  assert.throws(() => readMount({ ...REQUEST, type: 'image' }), { kind: 'unsupported' })
})

test('paths are clean and absolute', () => {
  const cases: readonly [string, string][] = [
    ['/', '/'],
    ['/a//b/', '/a/b'],
    ['data', '/data'],
    ['/../..', '/'],
    ['/a/../../b', '/b'],
  ]
  for (const [path, clean] of cases) assert.equal(cleanPath(path), clean)
})
