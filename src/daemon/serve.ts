import { createApiServer } from '../api/server/index.ts'
import { createLog, type Log } from '../base/index.ts'
import { createEngine, type RunningEngine } from '../engine.ts'
import { parseListeners } from './listeners.ts'
import type { DaemonOptions } from './options.ts'
import { claimRoots } from './single-instance.ts'

/** Milliseconds that answers under way get to finish when the daemon ends. */
const GRACE = 2000

/** Runs the daemon until SIGTERM or SIGINT, then ends it in order. Containers go on unless live-restore is off. */
export async function serve(options: DaemonOptions): Promise<void> {
  const { values } = options
  const logLevel = values.debug ? 'debug' : values['log-level']
  const log = createLog(logLevel)
  const ended = endOfService(log)
  const roots = { dataRoot: values['data-root'], execRoot: values['exec-root'] }
  using _claim = claimRoots({ ...roots, pidfile: options.pidfile })
  const listeners = parseListeners(options)
  const engine = await createEngine(engineOptions(options, { log, logLevel }))
  const server = createApiServer({ engine, log })
  try {
    for (const { target, tls } of listeners) {
      log.info({ address: await server.listen(target, tls ? { tls } : {}) }, 'listening')
    }
    log.info({ version: engine.facts.version, ...roots }, 'ready')
    await ended
  } finally {
    // New requests are refused first: nothing may start while the rooms end.
    await server.close({ grace: GRACE })
    await closeEngine(engine, options)
  }
  log.info({}, 'ended')
}

async function closeEngine(engine: RunningEngine, { values }: DaemonOptions): Promise<void> {
  await engine.close({ stop: !values['live-restore'] })
}

function engineOptions(
  options: DaemonOptions,
  { log, logLevel }: { log: Log; logLevel: 'debug' | DaemonOptions['values']['log-level'] },
) {
  const { values, runtimes, defaultUlimits, cgroupParent, instance } = options
  return {
    dataRoot: values['data-root'],
    execRoot: values['exec-root'],
    instance,
    cgroupParent,
    bridge: {
      mtu: values.mtu,
      ...(values.bridge ? { name: values.bridge } : {}),
      ...(values.bip ? { cidr: values.bip } : {}),
    },
    runtimes,
    defaults: {
      stopTimeout: 10,
      shmSize: values['default-shm-size'],
      ulimits: defaultUlimits,
      runtime: values['default-runtime'],
      dns: values.dns,
      dnsOptions: values['dns-opt'],
      dnsSearch: values['dns-search'],
    },
    labels: values.label,
    registries: { insecure: values['insecure-registry'], mirrors: values['registry-mirror'] },
    liveRestore: values['live-restore'],
    log,
    logLevel: () => logLevel,
  }
}

/** Settles at the first signal to end; a third one ends the process at once, as dockerd does. */
function endOfService(log: Log): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>()
  let signals = 0
  const end = (signal: NodeJS.Signals): void => {
    signals += 1
    log.info({ signal }, 'ending')
    if (signals >= 3) process.exit(1)
    resolve()
  }
  process.on('SIGTERM', end)
  process.on('SIGINT', end)
  // Writing to a client that has gone must be an error of that write, not the end of the daemon.
  process.on('SIGPIPE', () => {})
  return promise
}
