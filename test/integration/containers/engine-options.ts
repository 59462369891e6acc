import { createSilentLog } from '../../../src/base/index.ts'
import type { EngineOptions } from '../../../src/engine.ts'

/** What tells one engine of these tests from all others on the host. */
export interface EngineSeat {
  readonly dataRoot: string
  readonly execRoot: string
  readonly instance: string
  readonly cgroupParent: string
  readonly cidr: string
}

/** Docker's defaults on a seat of its own. */
export function engineOptions({ cidr, ...seat }: EngineSeat): EngineOptions {
  return {
    ...seat,
    bridge: { cidr },
    runtimes: {},
    labels: [],
    liveRestore: true,
    defaults: {
      stopTimeout: 10,
      shmSize: 64 * 1024 * 1024,
      ulimits: [],
      runtime: 'crun',
      dns: [],
      dnsOptions: [],
      dnsSearch: [],
    },
    log: createSilentLog(),
    logLevel: () => 'info',
  }
}
