import { messageOf, newId } from '../../base/index.ts'
import { buildExecProcess, type ExecProcess } from '../../runtime/index.ts'
import type { Entry } from '../catalog.ts'
import type { ProbeResult } from '../health.contract.ts'
import type { Household } from '../household.ts'
import { specOf } from '../starting.ts'
import type { ProbePlan } from './machine.ts'

const SIGKILL = 9
/** Bytes of output that are kept. */
const OUTPUT_LIMIT = 4096
const MILLISECOND = 1_000_000
const LONGEST_DELAY = 2 ** 31 - 1

export interface ProbeOptions {
  readonly plan: ProbePlan
  /** When it fires the probe is killed and its result does not count. */
  readonly signal: AbortSignal
}

/** Runs the command of a health check once, as Docker does. Never rejects: what goes wrong is the result. */
export async function runProbe(household: Household, entry: Entry, options: ProbeOptions): Promise<ProbeResult> {
  const { clock, announce } = household
  const { args } = options.plan
  const start = clock.now()
  const execID = newId()
  announce(`exec_create: ${args.join(' ')}`, entry, { execID })
  announce(`exec_start: ${args.join(' ')}`, entry, { execID })
  try {
    const process = await household.probeGate.run(() => openProcess(household, entry, options))
    const { code, timedOut, output } = await watchProcess(process, options)
    announce('exec_die', entry, { execID, exitCode: String(code) })
    if (!timedOut) return { start, end: clock.now(), exitCode: code, output }
    const reason = `Health check exceeded timeout (${goDuration(options.plan.timeout)})`
    return { start, end: clock.now(), exitCode: -1, output: output === '' ? reason : `${reason}: ${output}` }
  } catch (error) {
    return { start, end: clock.now(), exitCode: -1, output: messageOf(error) }
  }
}

async function openProcess(household: Household, entry: Entry, { plan, signal }: ProbeOptions): Promise<ExecProcess> {
  signal.throwIfAborted()
  const { task, id } = entry
  if (!task) throw new Error(`container ${id} is not running`)
  entry.spec ??= specOf(household, { entry, sandbox: household.networks.sandboxOf(id) })
  const process = buildExecProcess({
    spec: entry.spec,
    args: plan.args,
    env: [],
    cwd: '',
    user: '',
    groupAdd: [],
    terminal: false,
    privileged: false,
  })
  return task.exec({ process, stdin: false, output: true })
}

interface Watched {
  readonly code: number
  readonly timedOut: boolean
  readonly output: string
}

async function watchProcess(process: ExecProcess, { plan, signal }: ProbeOptions): Promise<Watched> {
  await using _process = process
  let timedOut = false
  const kill = (): void => void process.kill(SIGKILL)
  const expire = (): void => {
    timedOut = true
    kill()
  }
  const alarm = setTimeout(expire, Math.min(Math.ceil(plan.timeout / MILLISECOND), LONGEST_DELAY))
  signal.addEventListener('abort', kill, { once: true })
  if (signal.aborted) kill()
  try {
    const [output, code] = await Promise.all([collectOutput(process), process.exited])
    return { code, timedOut, output }
  } finally {
    clearTimeout(alarm)
    signal.removeEventListener('abort', kill)
  }
}

/** All is read so that the process can go on; the beginning is kept. */
async function collectOutput({ output }: ExecProcess): Promise<string> {
  const kept: Buffer[] = []
  let length = 0
  let truncated = false
  for await (const { data } of output) {
    const part = data.subarray(0, OUTPUT_LIMIT - length)
    if (part.length > 0) kept.push(part)
    length += part.length
    truncated ||= part.length < data.length
  }
  return `${Buffer.concat(kept).toString()}${truncated ? '...' : ''}`
}

/** As Go prints it: `1m30s`, `1.5s`, `200ms`. */
export function goDuration(nanoseconds: number): string {
  if (nanoseconds < 1000 * MILLISECOND) return `${nanoseconds / MILLISECOND}ms`
  const seconds = nanoseconds / (1000 * MILLISECOND)
  const [hours, minutes] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60]
  const rest = Number((seconds % 60).toFixed(9))
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${rest}s`
}
