import { failure, kindOf, messageOf } from '../../../base/index.ts'
import { type Container, WAIT_CONDITIONS, type WaitCondition } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import type { ContainerWaitResponse } from '../../types/index.ts'
import { type Call, empty, json, type Reply, type Route } from '../http/call.ts'
import { parseTimeValue } from '../http/time-value.ts'
import { atLeast } from '../http/version.ts'
import { formatDetails, formatLog } from './log-lines.ts'
import { hijackTerminal, streamType } from './terminal.ts'

/** Routes whose answers last: logs, attach, wait, export; and resize, which goes with them. */
export function containerStreamRoutes(engine: Engine): readonly Route[] {
  const { containers } = engine

  async function attach({ param, query, version, signal }: Call): Promise<Reply> {
    const { id, config } = containers.find(param('name'))
    const stdin = query.flag('stdin')
    const detachKeys = query.text('detachKeys')
    const terminal = await containers.attach(id, {
      stdin,
      stdout: query.flag('stdout'),
      stderr: query.flag('stderr'),
      stream: query.flag('stream'),
      logs: query.flag('logs'),
      signal,
      ...(detachKeys !== undefined && { detachKeys }),
    })
    return hijackTerminal(terminal, { multiplexed: !config.tty, stdin: stdin && query.flag('stream'), version })
  }

  async function resize({ param, query }: Call): Promise<Reply> {
    const size = { rows: query.required32('h', 'resize height'), columns: query.required32('w', 'resize width') }
    await containers.resize(param('name'), size)
    return empty(200)
  }

  async function exportTar({ param, signal }: Call): Promise<Reply> {
    const chunks = await containers.export(param('name'), { signal })
    return { kind: 'stream', contentType: 'application/octet-stream', chunks, begin: 'with-first' }
  }

  return [
    { method: 'GET', path: '/containers/{name:.*}/logs', handler: (call) => readLogs(engine, call) },
    { method: 'GET', path: '/containers/{name:.*}/export', handler: exportTar },
    { method: 'POST', path: '/containers/{name:.*}/wait', handler: (call) => waitFor(engine, call) },
    { method: 'POST', path: '/containers/{name:.*}/attach', hijack: true, handler: attach },
    { method: 'POST', path: '/containers/{name:.*}/resize', handler: resize },
  ]
}

function readLogs({ containers, clock }: Engine, { param, query, version, signal }: Call): Reply {
  const [stdout, stderr] = [query.flag('stdout'), query.flag('stderr')]
  if (!stdout && !stderr) throw failure('invalid', 'Bad parameters: you must choose at least one stream')
  const container = containers.find(param('name'))
  refuseUnreadable(container)
  const time = (name: string) => {
    const value = query.text(name)
    return value === undefined || value === '0' ? undefined : parseTimeValue(value, clock.now())
  }
  const [since, until] = [time('since'), time('until')]
  const tail = /^\d+$/.test(query.get('tail') ?? '') ? Number(query.get('tail')) : undefined
  const records = containers.logs(container.id, {
    stdout,
    stderr,
    follow: query.flag('follow'),
    signal,
    ...(since !== undefined && { since }),
    ...(until !== undefined && { until }),
    ...(tail !== undefined && { tail }),
  })
  const multiplexed = !container.config.tty
  const details = query.flag('details') ? formatDetails(logAttributes(container)) : ''
  return {
    kind: 'stream',
    contentType: streamType({ multiplexed, version }),
    chunks: formatLog(records, { timestamps: query.flag('timestamps'), details, multiplexed }),
    begin: 'at-once',
  }
}

function refuseUnreadable({ state, host }: Container): void {
  if (state.status === 'dead' || state.status === 'removing') {
    throw failure('conflict', 'can not get logs from container which is dead or marked for removal')
  }
  if (host.logConfig.type === 'none') {
    throw failure('unsupported', 'configured logging driver does not support reading')
  }
}

/** Labels and variables that log options ask for by name. */
function logAttributes({ config, host }: Container): Readonly<Record<string, string>> {
  const names = (option: string): readonly string[] =>
    (host.logConfig.config[option] ?? '').split(',').filter((name) => name !== '')
  const env = Object.fromEntries(config.env.map((entry) => [entry.split('=', 1)[0], entry.replace(/^[^=]*=?/, '')]))
  const pick = (source: Readonly<Record<string, string>>, wanted: readonly string[]) =>
    wanted.flatMap((name) => (Object.hasOwn(source, name) ? [[name, source[name] ?? ''] as const] : []))
  return Object.fromEntries([...pick(config.labels, names('labels')), ...pick(env, names('env'))])
}

async function waitFor({ containers }: Engine, { param, query, version, signal }: Call): Promise<Reply> {
  const modern = atLeast(version, '1.30')
  const condition = modern ? readCondition(query.text('condition')) : 'not-running'
  const { result } = containers.wait(param('name'), condition, { signal })
  // Once a container is gone, what it had failed with is no failure of the waiting.
  const settled = () => settle(condition === 'removed' ? result.then(({ code }) => ({ code, error: '' })) : result)
  if (!modern) return json(200, await settled())
  return {
    kind: 'stream',
    contentType: 'application/json',
    begin: 'at-once',
    chunks: (async function* () {
      yield `${JSON.stringify(await settled())}\n`
    })(),
  }
}

function readCondition(text: string | undefined): WaitCondition {
  const found = WAIT_CONDITIONS.find((condition) => condition === (text ?? 'not-running'))
  if (found) return found
  throw failure('invalid', `invalid condition: ${JSON.stringify(text)}`)
}

/** The head of the answer is out already: a failure is told in its body. */
async function settle(
  result: Promise<{ readonly code: number; readonly error: string }>,
): Promise<ContainerWaitResponse> {
  try {
    const { code, error } = await result
    return { StatusCode: code, ...(error !== '' && { Error: { Message: error } }) }
  } catch (error) {
    if (kindOf(error) === 'cancelled') throw error
    return { StatusCode: -1, Error: { Message: messageOf(error) } }
  }
}
