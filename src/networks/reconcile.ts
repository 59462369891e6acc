import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import { type Log, messageOf } from '../base/index.ts'
import { removeNetns } from '../kernel/index.ts'
import type { Network } from './contract.ts'
import type { Drivers } from './driver.ts'
import type { Sandboxes } from './sandboxes.ts'

export interface ReconcileOptions {
  readonly sandboxes: Sandboxes
  readonly drivers: Drivers
  readonly networks: readonly Network[]
  /** The folder of the namespaces: everything in it is ours. */
  readonly folder: string
  readonly log: Log
}

/** Adopts the sandboxes of `running` and takes back every other one, with namespaces and devices without a record. */
export function reconcileSandboxes(options: ReconcileOptions, running: ReadonlySet<string>): void {
  const { sandboxes, drivers, networks, folder, log } = options
  for (const { containerId } of sandboxes.all()) {
    if (running.has(containerId)) adopt(containerId)
    else sandboxes.release(containerId)
  }
  for (const id of running) {
    if (!sandboxes.get(id)) log.warn({ id }, 'a running container has no record of its network: it keeps what it has')
  }

  function adopt(containerId: string): void {
    try {
      sandboxes.adopt(containerId)
    } catch (error) {
      // The container runs all the same: a network that cannot be repaired must not keep the daemon from starting.
      log.error({ id: containerId, error: messageOf(error) }, 'cannot repair the network of a running container')
    }
  }

  const kept = sandboxes.all()
  const paths = new Set(kept.map(({ netns }) => netns))
  for (const name of readdirSync(folder)) {
    const path = join(folder, name)
    if (paths.has(path)) continue
    removeNetns(path)
    log.info({ path }, 'removed a network namespace that belonged to no container')
  }
  const interfaces = new Set(kept.flatMap(({ endpoints }) => endpoints.map(({ hostInterface }) => hostInterface)))
  for (const network of networks) drivers[network.driver].removeStrays(network, interfaces)
}
