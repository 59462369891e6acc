import assert from 'node:assert/strict'
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { test } from 'node:test'
import { type CommandResult, runCommand } from './fixtures/command.ts'

const root = resolve(import.meta.dirname, '..')
const PROGRAM = `const shown: object = { argv: process.argv.slice(2), argv0: process.env.SLIPWAY_ARGV0,
  cache: process.env.NODE_COMPILE_CACHE, threads: process.env.UV_THREADPOOL_SIZE, pid: process.pid }
console.log(JSON.stringify(shown))
process.exitCode = 3
`

/** A checkout that holds nothing but launchers, a Node, and programs that tell how they were started. */
function makeCheckout(): Disposable & { readonly path: string } {
  const path = mkdtempSync(join(tmpdir(), 'slipway launchers-'))
  cpSync(join(root, 'bin'), join(path, 'bin'), { recursive: true })
  for (const folder of ['src/bin', 'node_modules/.bin', 'elsewhere']) mkdirSync(join(path, folder), { recursive: true })
  for (const name of ['slipway', 'slipwayd']) writeFileSync(join(path, `src/bin/${name}.ts`), PROGRAM)
  symlinkSync(process.execPath, join(path, 'node_modules/.bin/node'))
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true }) }
}

async function launch(path: string, args: readonly string[], env: NodeJS.ProcessEnv = {}) {
  const HOME = resolve(path, '../../home')
  const result: CommandResult = await runCommand(path, args, { env: { PATH: '/usr/bin:/bin', HOME, ...env } })
  assert.equal(result.stderr, '')
  assert.equal(result.code, 3)
  return JSON.parse(result.stdout) as Record<'argv0' | 'cache' | 'threads', string> & { argv: string[] }
}

test('the command line passes words on as they are and keeps compiled code in the person’s cache', async () => {
  using checkout = makeCheckout()
  const words = ['a b', '', '--format={{.X}}', '*', '"']
  const { argv, argv0, cache } = await launch(join(checkout.path, 'bin/slipway'), words)
  assert.deepEqual(
    { argv, argv0, cache },
    { argv: words, argv0: 'slipway', cache: join(checkout.path, 'home/.cache/slipway/compiled') },
  )
})

test('a chain of links called docker finds the program and keeps its name', async () => {
  using checkout = makeCheckout()
  symlinkSync('../bin/slipway', join(checkout.path, 'elsewhere/slipway'))
  symlinkSync('slipway', join(checkout.path, 'elsewhere/docker'))
  const { argv0 } = await launch(join(checkout.path, 'elsewhere/docker'), ['ps'])
  assert.equal(argv0, 'docker')
})

test('the daemon gets its threads, unless the person wants others', async () => {
  using checkout = makeCheckout()
  const path = join(checkout.path, 'bin/slipwayd')
  assert.equal((await launch(path, [])).threads, '16')
  assert.equal((await launch(path, [], { UV_THREADPOOL_SIZE: '32' })).threads, '32')
})

test('without a Node that is new enough the launcher says what to do', async () => {
  using checkout = makeCheckout()
  rmSync(join(checkout.path, 'node_modules/.bin/node'))
  const old = join(checkout.path, 'elsewhere/node')
  writeFileSync(old, '#!/bin/sh\necho v20.1.0\n', { mode: 0o755 })
  for (const PATH of ['/nowhere', join(checkout.path, 'elsewhere')]) {
    const { code, stderr } = await runCommand('/bin/sh', [join(checkout.path, 'bin/slipway')], { env: { PATH } })
    assert.equal(code, 1)
    assert.match(stderr, /slipway: Node 24 or newer is needed; run scripts\/bootstrap/)
  }
})
