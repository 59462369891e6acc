import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { loadBefore, machineFacts } from './machine.ts'
import type { Result } from './measurement.ts'
import { startDockerd } from './peers/dockerd.ts'
import type { Peer } from './peers/peer.ts'
import { startSlipway } from './peers/slipway.ts'
import { missedTargets, renderReport } from './report.ts'
import { commandScenarios } from './scenarios/commands.ts'
import { idleScenario } from './scenarios/idle.ts'
import type { Scenario } from './scenarios/scenario.ts'
import { streamScenario } from './scenarios/stream.ts'

const SCENARIOS: readonly Scenario[] = [...commandScenarios, streamScenario, idleScenario]

const PEERS: Readonly<Record<string, () => Promise<Peer>>> = { slipwayd: startSlipway, dockerd: startDockerd }

const USAGE = `Usage: npm run bench -- [--scenario NAME]... [--peer NAME]... [--output FILE]

Scenarios: ${SCENARIOS.map(({ name }) => name).join(', ')}
Peers: ${Object.keys(PEERS).join(', ')}
`

const { values } = parseArgs({
  options: {
    scenario: { type: 'string', multiple: true },
    peer: { type: 'string', multiple: true, default: Object.keys(PEERS) },
    output: { type: 'string' },
    help: { type: 'boolean', short: 'h', default: false },
  },
})

if (values.help) process.stdout.write(USAGE)
else process.exitCode = await main()

async function main(): Promise<number> {
  // The client in the foreground ends with the keyboard's signal; its failure unwinds everything in order.
  process.on('SIGINT', () => process.stderr.write('\nstopping and cleaning up\n'))
  const scenarios = SCENARIOS.filter(({ name }) => values.scenario?.includes(name) ?? true)
  const load = loadBefore()
  await using stack = new AsyncDisposableStack()
  const peers: Peer[] = []
  for (const name of values.peer) {
    const start = PEERS[name]
    if (!start) throw new Error(`no peer ${JSON.stringify(name)}; known are ${Object.keys(PEERS).join(', ')}`)
    say(`starting ${name}`)
    peers.push(stack.use(await start()))
  }
  const results: Result[] = []
  for (const scenario of scenarios) {
    say(scenario.title)
    results.push(...(await scenario.run(peers, say)))
  }
  const facts = [...(await machineFacts(peers)), load]
  const page = renderReport({ facts, peers: peers.map(({ name }) => name), results })
  process.stdout.write(`\n${page}`)
  // A part of the scenarios or peers does not replace the page of them all.
  const isWhole = scenarios.length === SCENARIOS.length && peers.length === Object.keys(PEERS).length
  const output = values.output ?? (isWhole ? join(import.meta.dirname, 'RESULTS.md') : undefined)
  if (output) writeFileSync(output, page)
  const missed = missedTargets(results)
  for (const title of missed) say(`missed its target: ${title}`)
  return missed.length === 0 ? 0 : 1
}

function say(line: string): void {
  process.stderr.write(`${line}\n`)
}
