import assert from 'node:assert/strict'
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { test } from 'node:test'
import { fileURLToPath } from 'node:url'
import { digestOf, parseManifest } from '../../../src/oci/index.ts'
import { busyboxRootfs } from '../../fixtures/busybox.ts'
import { chunksOf, type Lab, openLab, tarOf } from '../../fixtures/image-lab.ts'

const loader = fileURLToPath(import.meta.resolve('./loader.ts'))

test('a load that is killed at any point leaves whole images only, and can be done again', async () => {
  await using source = await openLab()
  await source.images.import(chunksOf(await busyboxRootfs()), { reference: 'one' })
  await source.images.import(chunksOf(await tarOf([['a', 'b']])), { reference: 'two' })
  const archive = await source.save('one', 'two')
  const expected = source.store.blobs.list().toSorted()
  const folder = mkdtempSync(join(tmpdir(), 'slw-kill-'))
  try {
    const pieces = [0.1, 0.5, 0.9, 0.999].map((share) => ({ bytes: Math.floor(archive.length * share), lines: 0 }))
    const lines = [1, 2, 3, 4, 5].map((count) => ({ bytes: archive.length, lines: count }))
    for (const point of [...pieces, ...lines]) {
      await loadAndKill(folder, { archive, ...point })
      await using lab = await openLab({ folder })
      assertWhole(lab)
    }
    await using lab = await openLab({ folder })
    await lab.load(archive)
    assertWhole(lab)
    await lab.images.collect()
    assert.deepEqual(lab.store.blobs.list().toSorted(), expected)
    for (const name of ['one', 'two']) {
      assert.equal(lab.images.resolve(name).id, source.images.resolve(name).id)
    }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
})

interface Point {
  /** How much of the archive the loader gets to read. */
  readonly bytes: number
  /** How many lines it gets to write. */
  readonly lines: number
}

async function loadAndKill(
  folder: string,
  { archive, bytes, lines }: Point & { readonly archive: Buffer },
): Promise<void> {
  const child = spawn(process.execPath, [loader, folder], { stdio: ['pipe', 'pipe', 'inherit'] })
  const exited = once(child, 'exit')
  child.stdin.on('error', () => {})
  if (lines === 0) await written(child, archive.subarray(0, bytes))
  else {
    child.stdin.end(archive)
    let count = 0
    for await (const _line of createInterface(child.stdout)) {
      count += 1
      if (count === lines) break
    }
  }
  child.kill('SIGKILL')
  await exited
}

/** Resolves when the child has taken the bytes off the pipe, but for what the pipe itself holds. */
function written({ stdin }: ChildProcess, bytes: Buffer): Promise<void> {
  return new Promise((done) => stdin?.write(bytes, () => done()))
}

/** Everything that a record names is there and is what its digest says. */
function assertWhole({ images, store }: Lab): void {
  for (const { id, manifest, config, chainId } of images.list({ all: true })) {
    const { config: named, layers } = parseManifest(store.blobs.read(manifest.digest))
    assert.equal(named.digest, id)
    for (const { digest } of [named, ...layers]) {
      assert.equal(digestOf(store.blobs.read(digest, { limit: 1 << 30 })), digest)
    }
    assert.deepEqual(
      store.layers.chain(chainId!).map((layer) => layer.diffId),
      config.rootfs.diff_ids.toReversed(),
    )
  }
}
