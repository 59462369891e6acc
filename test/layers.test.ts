import assert from 'node:assert/strict'
import { resolve } from 'node:path'
import { test } from 'node:test'
import { parseImports, readSources, type SourceFile } from './layers/imports.ts'
import { LONG_FILES, LONGEST_FILE, RESTRICTED, ROOMS, SINGLE_FILES } from './layers/rooms.ts'
import { findFolderCycles, findLongFiles, findViolations, type RoomTable } from './layers/rules.ts'

const root = resolve(import.meta.dirname, '..')
const table: RoomTable = { rooms: ROOMS, singleFiles: SINGLE_FILES, restricted: RESTRICTED }
const sources = readSources(root, ['src'])

test('every import goes down the table of rooms and through a door', () => {
  assert.deepEqual(findViolations(sources, table), [])
})

test('the table itself has no cycle', () => {
  const files = Object.entries<readonly string[]>(ROOMS).map(([room, targets]) =>
    file(`src/${room}/a.ts`, ...targets.map((target) => `src/${target}/a.ts`)),
  )
  assert.deepEqual(findFolderCycles(files, table), [])
})

test('no two folders import each other, directly or around corners', () => {
  assert.deepEqual(findFolderCycles(sources, table), [])
})

test('no file is longer than a reader can hold', () => {
  const files = [...sources, ...readSources(root, ['test', 'bench'])]
  assert.deepEqual(findLongFiles(files, { limit: LONGEST_FILE, listed: LONG_FILES }), [])
})

test('imports of every form are seen', () => {
  const text = `
import a, { b } from './a.ts'
import type { C } from "./c.ts"
import {
  d,
  e,
} from './d.ts'
import './f.ts'
export { g } from './g.ts'
export * from './h.ts'
const i = await import('./i.ts')
type J = import('./j.ts').J
export const from = 'import nothing'
`
  assert.deepEqual(
    [...parseImports(text)].sort(),
    ['a', 'c', 'd', 'f', 'g', 'h', 'i', 'j'].map((name) => `./${name}.ts`),
  )
})

test('what breaks a rule is named with both ends', () => {
  const cases: readonly [SourceFile, RegExp][] = [
    [file('src/store/a.ts', 'src/images/index.ts'), /src\/store\/a\.ts -> src\/images\/index\.ts: store may not/],
    [file('src/images/a.ts', 'src/store/blobs.ts'), /entered by its door, src\/store\/index\.ts/],
    [file('src/images/a.ts', 'src/images/index.ts'), /the door is not used/],
    [file('src/images/a.ts', 'koffi'), /only kernel may use koffi/],
    [file('src/images/a.test.ts', 'koffi'), /only kernel/],
    [file('src/images/a.ts', 'node:child_process'), /only cli/],
    [file('src/images/a.ts', 'test/fixtures/daemon.ts'), /does not import its tests/],
    [file('src/elsewhere/a.ts'), /lies in no room/],
  ]
  for (const [source, message] of cases) assert.match(findViolations([source], table).join('\n'), message)
  const fine = [
    file('src/images/deep/a.ts', 'src/base/index.ts', 'src/store/index.ts', 'src/images/b.ts', 'node:fs'),
    file('src/images/a.test.ts', 'src/images/index.ts', 'node:child_process', 'test/fixtures/busybox.ts'),
    file('src/engine.ts', 'src/kernel/index.ts', 'src/engine-contract.ts'),
    file('src/cli/a.ts', 'node:child_process'),
  ]
  assert.deepEqual(findViolations(fine, table), [])
})

test('a cycle of folders is told by the imports that close it', () => {
  const files = [
    file('src/images/a.ts', 'src/images/deep/b.ts'),
    file('src/images/deep/b.ts', 'src/images/contract.ts'),
    file('src/images/deep/c.ts', 'src/images/d.ts'),
    file('src/images/d.ts', 'src/images/a.ts'),
  ]
  assert.deepEqual(findFolderCycles(files.slice(0, 3), table), [])
  assert.deepEqual(findFolderCycles(files, table), [
    'src/images/a.ts -> src/images/deep/b.ts, src/images/deep/c.ts -> src/images/d.ts, src/images/d.ts -> src/images/a.ts',
  ])
})

test('the list of long files may only shrink', () => {
  const rule = { limit: 10, listed: { 'a.ts': 20 } }
  assert.deepEqual(findLongFiles([{ path: 'a.ts', lines: 20 }], rule), [])
  assert.match(findLongFiles([{ path: 'a.ts', lines: 21 }], rule)[0] ?? '', /at most 20/)
  assert.match(findLongFiles([{ path: 'a.ts', lines: 19 }], rule)[0] ?? '', /shrink the list/)
  assert.match(findLongFiles([{ path: 'b.ts', lines: 11 }], { limit: 10, listed: {} })[0] ?? '', /at most 10/)
})

function file(path: string, ...imports: string[]): SourceFile {
  return { path, imports, lines: 1 }
}
