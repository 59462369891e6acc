import assert from 'node:assert/strict'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, test } from 'node:test'
import { followInRoot, makeMountPoint, openInRoot, pathInRoot } from './in-root.ts'

const folder = mkdtempSync(join(realpathSync(tmpdir()), 'slw-in-root-'))
const root = join(folder, 'root')
mkdirSync(join(root, 'a/b'), { recursive: true })
writeFileSync(join(folder, 'outside'), '')
symlinkSync('/a/b', join(root, 'absolute'))
symlinkSync('../../../../outside', join(root, 'a/up'))
symlinkSync('loop', join(root, 'loop'))
symlinkSync('absolute/none/../x', join(root, 'broken'))
after(() => rmSync(folder, { recursive: true }))

function reached(path: string, follow = true): string {
  using node = openInRoot(root, path, { follow })
  return pathInRoot(root, node)
}

test('a path is found inside the root, through links and against its walls', () => {
  assert.equal(reached('/'), '/')
  assert.equal(reached('/../..'), '/')
  assert.equal(reached('absolute'), '/a/b')
  assert.equal(reached('absolute', false), '/absolute')
  assert.equal(reached('absolute/', false), '/a/b')
  assert.throws(() => reached('/a/up'), { code: 'ENOENT' })
  assert.throws(() => reached('/loop'), { code: 'ELOOP' })
})

test('links are followed as far as there is something', () => {
  assert.equal(followInRoot(root, '/absolute/../b'), '/a/b')
  assert.equal(followInRoot(root, '/broken'), '/a/b/x')
  assert.equal(followInRoot(root, '/a/up'), '/outside')
  assert.equal(followInRoot(root, '/none/../../x'), '/x')
  assert.equal(typeof followInRoot(root, '/loop'), 'string')
})

test('a place to mount on is made inside the root, whatever links say', () => {
  makeMountPoint(root, { path: '/absolute/new/folder', type: 'folder' })
  assert.ok(statSync(join(root, 'a/b/new/folder')).isDirectory())
  makeMountPoint(root, { path: '/etc/hosts', type: 'file' })
  makeMountPoint(root, { path: '/etc/hosts', type: 'file' })
  assert.ok(statSync(join(root, 'etc/hosts')).isFile())
})
