import { measureInTurns, timed } from '../measurement.ts'
import { docker, type Peer } from '../peers/peer.ts'
import type { Scenario } from './scenario.ts'

interface CommandCase {
  readonly name: string
  readonly args: readonly string[]
  readonly ratioTarget?: number
  /** A container named `target` runs meanwhile. */
  readonly needsContainer?: boolean
}

const CASES: readonly CommandCase[] = [
  { name: 'run', args: ['run', '--rm', 'busybox', 'true'], ratioTarget: 0.18 },
  { name: 'run-host', args: ['run', '--rm', '--network', 'host', 'busybox', 'true'] },
  { name: 'run-none', args: ['run', '--rm', '--network', 'none', 'busybox', 'true'] },
  { name: 'exec', args: ['exec', 'target', 'true'], ratioTarget: 0.5, needsContainer: true },
  { name: 'client', args: ['version'] },
]

const ROUNDS = 30
const WARMUP = 3

/** One docker command from start to end of the client's process. */
export const commandScenarios: readonly Scenario[] = CASES.map(({ name, args, ratioTarget, needsContainer }) => ({
  name,
  title: `docker ${args.join(' ')}`,
  async run(peers) {
    await using stack = new AsyncDisposableStack()
    if (needsContainer) for (const peer of peers) stack.use(await runTarget(peer))
    const measure = (peer: Peer): Promise<number> => timed(() => docker(peer, args))
    const figures = await measureInTurns(peers, { rounds: ROUNDS, warmup: WARMUP, measure })
    return [{ title: `\`docker ${args.join(' ')}\``, unit: 'ms', figures, ...(ratioTarget && { ratioTarget }) }]
  },
}))

async function runTarget(peer: Peer): Promise<AsyncDisposable> {
  await docker(peer, ['run', '-d', '--name', 'target', 'busybox', 'sleep', '86400'])
  return {
    async [Symbol.asyncDispose]() {
      await docker(peer, ['rm', '-f', 'target'])
    },
  }
}
