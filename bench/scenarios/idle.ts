import { waitFor } from '../../test/fixtures/wait-for.ts'
import { type Figure, type Result, timed } from '../measurement.ts'
import { kernelMemory, proportionalSize, residentSize } from '../memory.ts'
import { docker, type Peer } from '../peers/peer.ts'
import { type Summary, summarise } from '../statistics.ts'
import type { Scenario } from './scenario.ts'

const CONTAINERS = 200
const AT_ONCE = 4
const PS_ROUNDS = 20
const MIB = 1024 * 1024
/** So many looks at the kernel's memory, about a second, must agree. */
const SAMPLES = 60

interface Observation {
  readonly startMs: number
  readonly monitorMiB: number
  readonly kernelMiB: number
  readonly daemonMiB: number
  readonly idleDaemonMiB: number
  readonly psMs: Summary
}

/** Many containers that do nothing, one peer after the other so that each has the machine to itself. */
export const idleScenario: Scenario = {
  name: 'idle',
  title: `${CONTAINERS} idle containers`,
  async run(peers, report) {
    const seen: [Peer, Observation][] = []
    for (const peer of peers) {
      report(`  ${peer.name} ...`)
      seen.push([peer, await observe(peer)])
    }
    const row = (title: string, unit: Result['unit'], pick: (o: Observation) => Summary | number): Result => ({
      title,
      unit,
      figures: seen.map(([peer, observation]) => figure(peer, pick(observation))),
    })
    return [
      row(`start of one of ${CONTAINERS} (\`docker run -d\`, ${AT_ONCE} at once)`, 'ms', (o) => o.startMs),
      {
        ...row('memory of an idle container: monitor and kernel', 'MiB', (o) => o.monitorMiB + o.kernelMiB),
        valueTarget: 1.6,
      },
      row('… of it the monitor process (PSS)', 'MiB', (o) => o.monitorMiB),
      row('… of it the kernel (slab, stacks, page tables)', 'MiB', (o) => o.kernelMiB),
      { ...row(`\`docker ps\` with ${CONTAINERS} containers`, 'ms', (o) => o.psMs), valueTarget: 100 },
      row('resident memory of the daemon, no container', 'MiB', (o) => o.idleDaemonMiB),
      row(`resident memory of the daemon, ${CONTAINERS} containers`, 'MiB', (o) => o.daemonMiB),
    ]
  },
}

async function observe(peer: Peer): Promise<Observation> {
  const idleDaemonMiB = residentSize(peer.daemons()) / MIB
  const kernelBefore = await settled()
  const names = Array.from({ length: CONTAINERS }, (_, index) => `idle${index}`)
  try {
    const total = await timed(() => startAll(peer, names))
    const kernelMiB = ((await settled()) - kernelBefore) / CONTAINERS / MIB
    const psMs: number[] = []
    for (let round = 0; round < PS_ROUNDS; round += 1) psMs.push(await timed(() => docker(peer, ['ps'])))
    return {
      startMs: total / CONTAINERS,
      monitorMiB: proportionalSize(peer.monitors()) / CONTAINERS / MIB,
      kernelMiB,
      daemonMiB: residentSize(peer.daemons()) / MIB,
      idleDaemonMiB,
      psMs: summarise(psMs),
    }
  } finally {
    await docker(peer, ['rm', '-f', ...names], { timeout: 600_000 })
  }
}

async function startAll(peer: Peer, names: readonly string[]): Promise<void> {
  const queue = [...names]
  const worker = async (): Promise<void> => {
    for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
      await docker(peer, ['run', '-d', '--name', name, 'busybox', 'sleep', '86400'])
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker))
}

/** The kernel's memory once it has stopped moving, or its median where it never does: it frees what died a moment after. */
async function settled(): Promise<number> {
  const samples: number[] = [kernelMemory()]
  const isAtRest = (): boolean => {
    samples.push(kernelMemory())
    const recent = samples.slice(-SAMPLES)
    return recent.length === SAMPLES && Math.max(...recent) - Math.min(...recent) < MIB / 2
  }
  await waitFor(isAtRest, { what: 'kernel memory at rest', timeout: 15_000 }).catch(() => {})
  return summarise(samples.slice(-SAMPLES)).median
}

function figure(peer: Peer, value: Summary | number): Figure {
  return { peer: peer.name, summary: typeof value === 'number' ? summarise([value]) : value }
}
