import { failure } from '../../base/index.ts'
import type { ContainerConfig, HostConfig } from '../contract.ts'
import type { ContainerRecord } from '../record.ts'
import { lookUp } from './mount-points.ts'

/** The container that a mode such as `container:web` names; undefined for any other mode. */
export function containerOf(mode: string): string | undefined {
  return mode.startsWith('container:') ? mode.slice('container:'.length) : undefined
}

/** Refuses modes that do not exist or contradict other settings of the request: `invalid` with Docker's texts. */
export function verifyModes(host: HostConfig, config: ContainerConfig): void {
  verifyNetworkMode(host, config)
  const { ipcMode, pidMode, utsMode, usernsMode, cgroupnsMode } = host
  if (!['', 'none', 'private', 'shareable', 'host'].includes(ipcMode) && !containerOf(ipcMode)) {
    throw failure('invalid', `invalid IPC mode: ${ipcMode}`)
  }
  if (!['', 'host'].includes(pidMode) && !containerOf(pidMode)) throw failure('invalid', `invalid PID mode: ${pidMode}`)
  if (!['', 'host'].includes(utsMode)) throw failure('invalid', `invalid UTS mode: ${utsMode}`)
  if (!['', 'host'].includes(usernsMode)) throw failure('invalid', `invalid userns mode: ${usernsMode}`)
  if (!['', 'private', 'host'].includes(cgroupnsMode)) {
    throw failure('invalid', `invalid cgroup namespace mode: ${cgroupnsMode}`)
  }
}

function verifyNetworkMode(host: HostConfig, config: ContainerConfig): void {
  const { networkMode, utsMode, links } = host
  if (networkMode === 'container' || containerOf(networkMode) !== undefined) verifySharedNetwork(host, config)
  if (utsMode === 'host' && config.hostname !== '') conflict('hostname and the UTS mode')
  if (links.length === 0) return
  if (networkMode === 'host') {
    conflict("host type networking can't be used with links. This would result in undefined behavior")
  }
  if (networkMode === 'bridge') {
    throw failure('unsupported', 'links are not supported on the default network: use a network of your own')
  }
}

function verifySharedNetwork(host: HostConfig, config: ContainerConfig): void {
  if (!containerOf(host.networkMode)) {
    throw failure('invalid', 'invalid network mode: invalid container format container:<name|id>')
  }
  if (config.hostname !== '') conflict('hostname and the network mode')
  if (host.links.length > 0) {
    conflict("container type network can't be used with links. This would result in undefined behavior")
  }
  if (host.dns.length > 0) conflict('dns and the network mode')
  if (host.extraHosts.length > 0) conflict('custom host-to-IP mapping and the network mode')
  if (Object.keys(host.portBindings).length > 0 || host.publishAllPorts) {
    conflict('port publishing and the container type network mode')
  }
  if (config.exposedPorts.length > 0) conflict('port exposing and the container type network mode')
}

function conflict(what: string): never {
  throw failure('invalid', `conflicting options: ${what}`)
}

/** Modes that share with another container name it by id from here on. `invalid` when there is none of that name. */
export function resolveModes(
  { networkMode, ipcMode, pidMode }: HostConfig,
  findContainer: (name: string) => ContainerRecord,
): Pick<HostConfig, 'networkMode' | 'ipcMode' | 'pidMode'> {
  const resolve = (mode: string): string => {
    const name = containerOf(mode)
    return name === undefined ? mode : `container:${lookUp(name, findContainer).id}`
  }
  const donor = containerOf(ipcMode)
  if (donor !== undefined) verifyDonor(lookUp(donor, findContainer))
  return { networkMode: resolve(networkMode), ipcMode: resolve(ipcMode), pidMode: resolve(pidMode) }
}

function verifyDonor({ id, host }: ContainerRecord): void {
  if (host.ipcMode === 'shareable') return
  const hint = 'hint: use IpcMode:shareable for the donor container'
  throw failure('invalid', `cannot join IPC of container ${id}: non-shareable IPC (${hint})`)
}
