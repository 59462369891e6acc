import assert from 'node:assert/strict'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { openDatabase } from './database.ts'

function folder(): { path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'slipway-db-'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

test('each migration step runs once, and a newer schema is refused', () => {
  using dir = folder()
  const path = join(dir.path, 'x.db')
  const first = openDatabase(path)
  first.migrate('room', ['CREATE TABLE t (a INTEGER) STRICT'])
  first.run('INSERT INTO t VALUES (?)', 1)
  first.close()
  const second = openDatabase(path)
  second.migrate('room', ['CREATE TABLE t (a INTEGER) STRICT', 'ALTER TABLE t ADD COLUMN b TEXT'])
  assert.deepEqual({ ...second.get('SELECT a, b FROM t') }, { a: 1, b: null })
  assert.throws(() => second.migrate('room', ['x']), {
    kind: 'unavailable',
    message: /version 2, this program knows 1/,
  })
  second.close()
})

test('a transaction is all or nothing, nested ones belong to the outer', () => {
  const db = openDatabase(':memory:')
  db.migrate('room', ['CREATE TABLE t (a INTEGER PRIMARY KEY) STRICT'])
  const insert = (value: number): void => void db.run('INSERT INTO t VALUES (?)', value)
  assert.throws(() =>
    db.transaction(() => {
      insert(1)
      db.transaction(() => insert(2))
      insert(1)
    }),
  )
  assert.deepEqual(db.all('SELECT a FROM t'), [])
  assert.equal(
    db.transaction(() => {
      insert(3)
      return 'kept'
    }),
    'kept',
  )
  assert.equal(db.all('SELECT a FROM t').length, 1)
  db.close()
})

test('a failed migration leaves the schema as it was', () => {
  const db = openDatabase(':memory:')
  assert.throws(() => db.migrate('room', ['CREATE TABLE t (a INTEGER) STRICT', 'nonsense']))
  db.migrate('room', ['CREATE TABLE t (b INTEGER) STRICT'])
  assert.equal(db.all('SELECT b FROM t').length, 0)
  db.close()
})

test('a file that is no database is refused by its path', () => {
  using dir = folder()
  const path = join(dir.path, 'x.db')
  writeFileSync(path, 'not a database at all, but long enough to look like one'.repeat(40))
  assert.throws(() => openDatabase(path), { kind: 'unavailable', message: /cannot open database .*x\.db/ })
})
