import { parseCidr } from './address.ts'
import type { Network } from './contract.ts'

/** Docker's names for the options of its bridge driver. */
export const BRIDGE_OPTIONS = {
  defaultBridge: 'com.docker.network.bridge.default_bridge',
  enableIcc: 'com.docker.network.bridge.enable_icc',
  enableIpMasquerade: 'com.docker.network.bridge.enable_ip_masquerade',
  hostBinding: 'com.docker.network.bridge.host_binding_ipv4',
  name: 'com.docker.network.bridge.name',
  mtu: 'com.docker.network.driver.mtu',
} as const

export interface BridgeSettings {
  readonly bridge: string
  readonly mtu: number
  readonly subnet: string
  readonly gateway: string
  readonly prefix: number
  /** Where ports are published that name no address. */
  readonly hostBinding: string
}

/** A bridge network's record as its driver needs it. Records are made by us: a broken one is a bug. */
export function bridgeOf({ name, options, ipam }: Network): BridgeSettings {
  const [subnet] = ipam.subnets
  const bridge = options[BRIDGE_OPTIONS.name]
  const parsed = subnet && parseCidr(subnet.subnet)
  if (!bridge || !parsed || !subnet.gateway) throw new TypeError(`network ${name} has no bridge, subnet or gateway`)
  return {
    bridge,
    mtu: Number(options[BRIDGE_OPTIONS.mtu] ?? 1500),
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    prefix: parsed.prefix.bits,
    hostBinding: options[BRIDGE_OPTIONS.hostBinding] ?? '0.0.0.0',
  }
}
