import assert from 'node:assert/strict'
import { existsSync, linkSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { test } from 'node:test'
import { createClock, createSilentLog, openDatabase } from '../../../src/base/index.ts'
import { bindMount, unmountSync } from '../../../src/kernel/index.ts'
import { createVolumes, type Volumes } from '../../../src/volumes/index.ts'

interface Store extends Disposable {
  readonly root: string
  readonly database: string
  readonly volumes: Volumes
  readonly events: readonly string[]
  readonly used: Map<string, readonly string[]>
  restart(): void
}

function openStore(): Store {
  const folder = mkdtempSync('/tmp/slipway-volumes-')
  const root = join(folder, 'volumes')
  const database = join(folder, 'slipway.db')
  const events: string[] = []
  const used = new Map<string, readonly string[]>()
  const start = () => {
    const db = openDatabase(database)
    const volumes = createVolumes({
      db,
      root,
      clock: createClock(),
      log: createSilentLog(),
      users: { usersOf: (name) => used.get(name) ?? [] },
      emit: ({ action, volume }) => void events.push(`${action} ${volume.name}`),
    })
    return { db, volumes }
  }
  let running = start()
  return {
    root,
    database,
    events,
    used,
    get volumes() {
      return running.volumes
    },
    restart() {
      running.db.close()
      running = start()
    },
    [Symbol.dispose]() {
      running.db.close()
      rmSync(folder, { recursive: true })
    },
  }
}

const mode = (path: string) => (statSync(path).mode & 0o7777).toString(8)

test('a volume is a folder with docker’s permissions, and is kept', () => {
  using store = openStore()
  const made = store.volumes.create({ name: 'todo-db', labels: { tier: 'data' } })
  assert.equal(made.mountpoint, join(store.root, 'todo-db', '_data'))
  assert.deepEqual([store.root, join(store.root, 'todo-db'), made.mountpoint].map(mode), ['701', '701', '755'])
  assert.deepEqual(store.volumes.create({ name: 'todo-db', labels: { other: 'ignored' } }), made)
  store.restart()
  assert.deepEqual(store.volumes.get('todo-db'), made)
  assert.deepEqual(store.events, ['create todo-db'])
})

test('a volume without a name is anonymous', () => {
  using store = openStore()
  const { name, labels, anonymous } = store.volumes.create({})
  assert.match(name, /^[0-9a-f]{64}$/)
  assert.deepEqual([labels, anonymous], [{ 'com.docker.volume.anonymous': '' }, true])
})

test('bad names are refused with docker’s words', () => {
  using store = openStore()
  const create = (name: string) => () => store.volumes.create({ name })
  assert.throws(create('a'), {
    kind: 'invalid',
    message: 'create a: volume name is too short, names should be at least two alphanumeric characters',
  })
  assert.throws(create('../x'), {
    kind: 'invalid',
    message:
      'create ../x: "../x" includes invalid characters for a local volume name, only "[a-zA-Z0-9][a-zA-Z0-9_.-]" are allowed. If you intended to pass a host directory, use absolute path',
  })
  for (const name of ['', '.hidden', 'a/b', 'a b', 'a\n', 'ä1']) assert.throws(create(name), { kind: 'invalid' }, name)
  assert.deepEqual(readdirSync(store.root), [])
})

test('driver options are refused', () => {
  using store = openStore()
  const create = () => store.volumes.create({ name: 'data', options: { type: 'tmpfs' } })
  assert.throws(create, {
    kind: 'unsupported',
    message: 'create data: option "type" of local volumes is not supported',
  })
  assert.equal(existsSync(join(store.root, 'data')), false)
})

test('a volume in use stays, an unused one goes with all it has', async () => {
  using store = openStore()
  const { mountpoint } = store.volumes.create({ name: 'data' })
  writeFileSync(join(mountpoint, 'file'), 'x')
  store.used.set('data', ['abc', 'def'])
  const conflict = { kind: 'conflict', message: 'remove data: volume is in use - [abc, def]' }
  await assert.rejects(store.volumes.remove('data'), conflict)
  await assert.rejects(store.volumes.remove('data', { force: true }), conflict)
  store.used.clear()
  await store.volumes.remove('data')
  assert.deepEqual(readdirSync(store.root), [])
  assert.equal(store.volumes.find('data'), undefined)
  await assert.rejects(store.volumes.remove('data'), { kind: 'not-found', message: 'get data: no such volume' })
  await store.volumes.remove('data', { force: true })
  assert.deepEqual(store.events, ['create data', 'destroy data'])
})

test('a volume of the same name made while the old one is deleted is a new one', async () => {
  using store = openStore()
  const { mountpoint } = store.volumes.create({ name: 'data' })
  writeFileSync(join(mountpoint, 'old'), 'x')
  const removed = store.volumes.remove('data')
  store.volumes.create({ name: 'data' })
  await removed
  assert.deepEqual(readdirSync(mountpoint), [])
})

test('what is mounted inside a volume is never deleted', async () => {
  using store = openStore()
  const { mountpoint } = store.volumes.create({ name: 'data' })
  const [elsewhere, inside] = [join(store.root, '..', 'elsewhere'), join(mountpoint, 'deep')]
  for (const path of [elsewhere, inside]) mkdirSync(path)
  writeFileSync(join(elsewhere, 'precious'), 'x')
  bindMount({ source: elsewhere, target: inside })
  try {
    await assert.rejects(store.volumes.remove('data'), { kind: 'conflict' })
  } finally {
    unmountSync(inside)
  }
  await store.volumes.remove('data')
  assert.equal(existsSync(join(elsewhere, 'precious')), true)
})

test('prune takes anonymous volumes, or all, that nobody uses', async () => {
  using store = openStore()
  const { volumes } = store
  const anonymous = volumes.create({})
  writeFileSync(join(anonymous.mountpoint, 'a'), Buffer.alloc(1000))
  linkSync(join(anonymous.mountpoint, 'a'), join(anonymous.mountpoint, 'b'))
  volumes.create({ name: 'named', labels: { tier: 'data', keep: 'yes' } })
  volumes.create({ name: 'used' })
  store.used.set('used', ['abc'])
  assert.deepEqual(await volumes.prune({ all: false }), { removed: [anonymous.name], bytes: 1000 })
  assert.deepEqual((await volumes.prune({ all: true, notLabels: ['keep'] })).removed, [])
  assert.deepEqual((await volumes.prune({ all: true, labels: ['tier=cache'] })).removed, [])
  assert.deepEqual((await volumes.prune({ all: true, labels: ['tier=data', 'keep'] })).removed, ['named'])
  assert.deepEqual(
    volumes.list().map(({ name }) => name),
    ['used'],
  )
})

test('whatever a crash left is finished at the next start', () => {
  using store = openStore()
  store.volumes.create({ name: 'kept' })
  store.volumes.create({ name: 'vanished' })
  const { root } = store
  // Died while making one, while removing another, and before the record of a third.
  mkdirSync(join(root, 'half'))
  mkdirSync(join(root, '.removed-0123', '_data'), { recursive: true })
  rmSync(join(root, 'vanished'), { recursive: true })
  mkdirSync(join(root, 'unrecorded', '_data'), { recursive: true })
  writeFileSync(join(root, 'unrecorded', '_data', 'rows'), 'x')
  store.restart()
  assert.deepEqual(
    store.volumes.list().map(({ name }) => name),
    ['kept', 'unrecorded'],
  )
  assert.deepEqual(readdirSync(root).sort(), ['kept', 'unrecorded'])
  rmSync(store.database)
  store.restart()
  assert.deepEqual(
    store.volumes.list().map(({ name }) => name),
    ['kept', 'unrecorded'],
  )
})
