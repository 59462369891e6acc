import assert from 'node:assert/strict'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { test } from 'node:test'
import { KINDS } from '../src/base/index.ts'

const root = resolve(import.meta.dirname, '..')

/** Words that look like a path of this repository: `src/oci`, `scripts/bootstrap`, `test/layers.test.ts`. */
const PATH = /(?<![\w./-])(?:src|test|docs|bench|bin|scripts|\.ci)\/[\w./-]*[\w-]/g
const LINK = /\]\((?!https?:|#|mailto:)([^)#\s]+)(?:#[^)]*)?\)/g

const pages = [
  ...readdirSync(root).filter((name) => name.endsWith('.md')),
  ...readdirSync(join(root, 'docs'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.md'))
    .map((name) => join('docs', name)),
]

test('every path named in the docs exists', () => {
  const missing = pages.flatMap((page) => {
    const text = readFileSync(join(root, page), 'utf8')
    const named = [...text.matchAll(PATH)].map(([path]) => path)
    const linked = [...text.matchAll(LINK)].map((match) => join(dirname(page), match[1] ?? ''))
    return [...named, ...linked].filter((path) => !existsSync(join(root, path))).map((path) => `${page}: ${path}`)
  })
  assert.deepEqual(missing, [])
})

test('the page about errors lists the kinds that exist, in their order', () => {
  const text = readFileSync(join(root, 'docs/errors.md'), 'utf8')
  const listed = [...text.matchAll(/^\| `([a-z-]+)` \|/gm)].map((match) => match[1])
  assert.deepEqual(listed, [...KINDS])
})

test('every npm script that the docs name exists', () => {
  const { scripts } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { scripts: object }
  const unknown = pages.flatMap((page) =>
    [...readFileSync(join(root, page), 'utf8').matchAll(/\bnpm run ([\w:-]+)/g)]
      .map((match) => match[1] ?? '')
      .filter((name) => !Object.hasOwn(scripts, name))
      .map((name) => `${page}: npm run ${name}`),
  )
  assert.deepEqual(unknown, [])
})

test('every npm package has its reason in the page about dependencies', () => {
  const text = readFileSync(join(root, 'docs/dependencies.md'), 'utf8')
  const listed = [...text.matchAll(/^\| `([^`]+)` \|/gm)].map((match) => match[1])
  const { dependencies, devDependencies, optionalDependencies } = JSON.parse(
    readFileSync(join(root, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies' | 'optionalDependencies', object>
  const used = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies })
  assert.deepEqual(listed.sort(), used.sort())
})
