import { failure } from '../../base/index.ts'
import type { Limit } from '../../kernel/index.ts'
import type { RuntimeProcess } from '../../oci/index.ts'
import type { SpecInput } from './spec-input.ts'

const NAMES = [
  'as',
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
]

export interface LimitRights {
  /** The limits of this process by name (`nofile`). */
  readonly own: Readonly<Record<string, Limit>>
  /** CAP_SYS_RESOURCE: may go above the own hard limits. */
  readonly mayRaise: boolean
}

/** A limit of -1 is unlimited. `invalid` for an unknown name, soft above hard, or a limit that this host does not let the engine give. */
export function resolveLimits(ulimits: SpecInput['ulimits'], rights: LimitRights): RuntimeProcess['rlimits'] {
  return ulimits.map(({ name, soft, hard }) => {
    if (!NAMES.includes(name)) throw failure('invalid', `invalid ulimit type: ${name}`)
    if (isAbove(soft, hard)) {
      throw failure('invalid', `ulimit soft limit must be less than or equal to hard limit: ${soft} > ${hard}`)
    }
    const ceiling = rights.own[name]?.hard
    if (!rights.mayRaise && ceiling !== undefined && isAbove(hard, ceiling)) {
      throw failure(
        'invalid',
        `ulimit ${name}=${soft}:${hard}: the engine runs without CAP_SYS_RESOURCE and cannot give more than ${ceiling}`,
        { hint: `lower the limit, or raise the engine's own hard limit of ${name}` },
      )
    }
    return { type: `RLIMIT_${name.toUpperCase()}`, soft, hard }
  })
}

function isAbove(limit: number, ceiling: number): boolean {
  const height = (value: number): number => (value < 0 ? Number.POSITIVE_INFINITY : value)
  return height(limit) > height(ceiling)
}
