import { failure } from '../../base/index.ts'
import { effectiveCapabilities, type Limit, ownLimits } from '../../kernel/index.ts'
import type { NamespaceType, RuntimeLinux, RuntimeProcess, RuntimeSpec, SeccompSpec } from '../../oci/index.ts'
import { resolveCapabilities } from './capabilities.ts'
import { type DeviceAccess, resolveDevices } from './devices.ts'
import { completeEnvironment } from './environment.ts'
import { DEFAULT_READONLY_PATHS, defaultMaskedPaths, resolveMounts } from './mounts.ts'
import { resolveResources } from './resources.ts'
import { resolveLimits } from './rlimits.ts'
import { DEFAULT_PROFILE } from './seccomp-default.ts'
import { ownArchitecture, resolveProfile } from './seccomp-profile.ts'
import type { SpecInput } from './spec-input.ts'
import { lookupUser } from './user-lookup.ts'

/** What this process may pass on to containers. */
export interface HostRights {
  readonly capabilities: ReadonlySet<string>
  readonly limits: Readonly<Record<string, Limit>>
}

function ownRights(): HostRights {
  return { capabilities: effectiveCapabilities(), limits: ownLimits() }
}

/**
 * The complete configuration of a container with Docker's defaults. Reads users and groups in the mounted root
 * filesystem and devices of the host; changes nothing. `invalid` with Docker's text for what cannot be done, such as an
 * unknown user, capability or device.
 */
export function buildSpec(input: SpecInput, rights: HostRights = ownRights()): RuntimeSpec {
  const capabilities = resolveCapabilities(input, rights.capabilities)
  const ownsUts = input.namespaces.uts === 'private'
  return {
    ociVersion: '1.0.2',
    ...(ownsUts && input.hostname !== '' ? { hostname: input.hostname } : {}),
    ...(ownsUts && input.domainname !== '' ? { domainname: input.domainname } : {}),
    process: buildProcess(input, { capabilities, rights }),
    root: { path: input.rootfs, readonly: input.readonlyRootfs },
    mounts: resolveMounts(input),
    linux: buildLinux(input, { capabilities, access: resolveDevices(input) }),
    annotations: input.annotations,
  }
}

function buildProcess(
  input: SpecInput,
  { capabilities, rights }: { readonly capabilities: readonly string[]; readonly rights: HostRights },
): RuntimeProcess {
  const user = lookupUser(input.rootfs, input.user, input.groupAdd)
  const mayRaise = rights.capabilities.has('CAP_SYS_RESOURCE')
  if (input.oomScoreAdj < 0 && !mayRaise) {
    throw failure('invalid', `oom_score_adj ${input.oomScoreAdj}: the engine runs without CAP_SYS_RESOURCE`)
  }
  return {
    terminal: input.terminal,
    ...(input.terminal && input.size ? { consoleSize: { height: input.size.rows, width: input.size.columns } } : {}),
    user: { uid: user.uid, gid: user.gid, additionalGids: user.additionalGids },
    args: input.args,
    env: completeEnvironment({ ...input, home: user.home }),
    cwd: input.cwd === '' ? '/' : input.cwd,
    capabilities: grantCapabilities(capabilities, user.uid),
    rlimits: resolveLimits(input.ulimits, { own: rights.limits, mayRaise }),
    noNewPrivileges: input.noNewPrivileges,
    oomScoreAdj: input.oomScoreAdj,
    ...(input.apparmor === undefined ? {} : { apparmorProfile: input.apparmor }),
  }
}

/** Users other than root get theirs through files with capabilities only, as exec(2) would leave them. */
export function grantCapabilities(
  capabilities: readonly string[],
  uid: number,
): NonNullable<RuntimeProcess['capabilities']> {
  if (uid !== 0) return { bounding: capabilities }
  return { bounding: capabilities, effective: capabilities, permitted: capabilities }
}

function buildLinux(
  input: SpecInput,
  { capabilities, access }: { readonly capabilities: readonly string[]; readonly access: DeviceAccess },
): RuntimeLinux {
  const seccomp = resolveSeccomp(input, capabilities)
  const masked = input.privileged ? [] : (input.maskedPaths ?? defaultMaskedPaths())
  return {
    namespaces: resolveNamespaces(input.namespaces),
    ...(access.devices.length > 0 ? { devices: access.devices } : {}),
    cgroupsPath: input.cgroup,
    resources: resolveResources(input.resources, access.rules),
    ...(seccomp ? { seccomp } : {}),
    ...(Object.keys(input.sysctls).length > 0 ? { sysctl: input.sysctls } : {}),
    maskedPaths: masked,
    readonlyPaths: input.privileged ? [] : (input.readonlyPaths ?? DEFAULT_READONLY_PATHS),
  }
}

function resolveNamespaces(wanted: SpecInput['namespaces']): RuntimeLinux['namespaces'] {
  const types: readonly NamespaceType[] = ['network', 'uts', 'pid', 'ipc', 'cgroup']
  const own = types.flatMap((type) => {
    const namespace = wanted[type as keyof SpecInput['namespaces']]
    if (namespace === undefined) return []
    return [namespace === 'private' ? { type } : { type, path: namespace }]
  })
  return [{ type: 'mount' }, ...own]
}

function resolveSeccomp(input: SpecInput, capabilities: readonly string[]): SeccompSpec | undefined {
  if (input.seccomp === 'unconfined' || (input.seccomp === 'default' && input.privileged)) return undefined
  const profile = input.seccomp === 'default' ? DEFAULT_PROFILE : input.seccomp
  return resolveProfile(profile, { capabilities, architecture: ownArchitecture() })
}
