import { spawn } from 'node:child_process'
import { createHash, randomBytes } from 'node:crypto'
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exitOf } from '../../test/fixtures/command.ts'
import { type Figure, measureInTurns } from '../measurement.ts'
import { residentSize } from '../memory.ts'
import type { Peer } from '../peers/peer.ts'
import { summarise } from '../statistics.ts'
import type { Scenario } from './scenario.ts'

const MIB = 1024 * 1024
const SIZE_MIB = 1024
const ROUNDS = 3

/** A gibibyte into a container and out again; what comes back must have the same digest. */
export const streamScenario: Scenario = {
  name: 'stream',
  title: '1 GiB through docker run -i --rm busybox cat',
  async run(peers) {
    const folder = mkdtempSync(join(tmpdir(), 'slw-stream-'))
    try {
      const path = join(folder, 'random')
      const digest = writeRandom(path)
      const growth = new Map(peers.map((peer) => [peer, [] as number[]]))
      const figures = await measureInTurns(peers, {
        rounds: ROUNDS,
        warmup: 0,
        async measure(peer) {
          const { seconds, grownMiB } = await passThrough(peer, { path, digest })
          growth.get(peer)?.push(grownMiB)
          return SIZE_MIB / seconds
        },
      })
      const grown = peers.map((peer): Figure => ({ peer: peer.name, summary: summarise(growth.get(peer) ?? []) }))
      return [
        { title: '1 GiB through `docker run -i --rm busybox cat`', unit: 'MiB/s', figures },
        { title: '… growth of the daemon’s resident memory meanwhile', unit: 'MiB', figures: grown },
      ]
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
}

function writeRandom(path: string): string {
  const hash = createHash('sha256')
  const file = openSync(path, 'w')
  for (let written = 0; written < SIZE_MIB; written += 16) {
    const chunk = randomBytes(16 * MIB)
    hash.update(chunk)
    writeSync(file, chunk)
  }
  closeSync(file)
  return hash.digest('hex')
}

async function passThrough(
  peer: Peer,
  { path, digest }: { path: string; digest: string },
): Promise<{ readonly seconds: number; readonly grownMiB: number }> {
  const before = residentSize(peer.daemons())
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, residentSize(peer.daemons()))
  }, 50)
  const start = performance.now()
  const file = openSync(path, 'r')
  const child = spawn('docker', ['run', '-i', '--rm', 'busybox', 'cat'], {
    env: peer.env,
    stdio: [file, 'pipe', 'inherit'],
  })
  closeSync(file)
  try {
    const hash = createHash('sha256')
    for await (const chunk of child.stdout!) hash.update(chunk)
    const { code } = await exitOf(child)
    if (code !== 0) throw new Error(`docker run -i of ${peer.name} ended with ${code}`)
    if (hash.digest('hex') !== digest) throw new Error(`${peer.name} gave back other bytes than it was sent`)
    return { seconds: (performance.now() - start) / 1000, grownMiB: (most - before) / MIB }
  } finally {
    clearInterval(watch)
  }
}
