import { failure } from '../../base/index.ts'
import { CAPABILITIES, effectiveCapabilities } from '../../kernel/index.ts'

/** What a container may do unless it says otherwise: Docker's list. */
export const DEFAULT_CAPABILITIES: readonly string[] = [
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FSETID',
  'CAP_FOWNER',
  'CAP_MKNOD',
  'CAP_NET_RAW',
  'CAP_SETGID',
  'CAP_SETUID',
  'CAP_SETFCAP',
  'CAP_SETPCAP',
  'CAP_NET_BIND_SERVICE',
  'CAP_SYS_CHROOT',
  'CAP_KILL',
  'CAP_AUDIT_WRITE',
]

export interface CapabilityRequest {
  readonly privileged: boolean
  /** Names with or without `CAP_`, in any case, or `ALL`. */
  readonly capAdd: readonly string[]
  readonly capDrop: readonly string[]
}

/**
 * The capabilities of a container's processes, in the kernel's order. `invalid` for a name that does not exist, or an
 * added one that the engine itself does not have; such ones are left out of the defaults and of ALL.
 */
export function resolveCapabilities(request: CapabilityRequest, own = effectiveCapabilities()): readonly string[] {
  const added = normalize(request.capAdd, 'CapAdd')
  const dropped = normalize(request.capDrop, 'CapDrop')
  for (const name of added) {
    if (name !== ALL && !own.has(name)) {
      throw failure(
        'invalid',
        `invalid CapAdd: capability not supported by your kernel or not available in the current environment: "${name}"`,
      )
    }
  }
  return CAPABILITIES.filter(
    (name) => own.has(name) && isGranted(name, { privileged: request.privileged, added, dropped }),
  )
}

const ALL = 'ALL'

function isGranted(
  name: string,
  { privileged, added, dropped }: { privileged: boolean; added: ReadonlySet<string>; dropped: ReadonlySet<string> },
): boolean {
  if (privileged) return true
  if (dropped.has(ALL)) return added.has(name)
  if (dropped.has(name)) return !added.has(ALL) && added.has(name)
  return added.has(ALL) || added.has(name) || DEFAULT_CAPABILITIES.includes(name)
}

function normalize(names: readonly string[], field: string): ReadonlySet<string> {
  return new Set(
    names.map((given) => {
      const upper = given.toUpperCase()
      if (upper === ALL) return ALL
      const name = upper.startsWith('CAP_') ? upper : `CAP_${upper}`
      if (!CAPABILITIES.some((known) => known === name))
        throw failure('invalid', `invalid ${field}: unknown capability: "${name}"`)
      return name
    }),
  )
}
