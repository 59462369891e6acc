import { shortId } from '../base/index.ts'
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

/** Options that would change what a network is, and that this engine has not. */
export const FOREIGN_OPTIONS: readonly string[] = [
  'com.docker.network.bridge.gateway_mode_ipv4',
  'com.docker.network.bridge.gateway_mode_ipv6',
  'com.docker.network.bridge.inhibit_ipv4',
  'com.docker.network.bridge.trusted_host_interfaces',
  'com.docker.network.container_iface_prefix',
]

export interface BridgeSettings {
  readonly bridge: string
  readonly mtu: number
  readonly subnet: string
  readonly gateway: string
  readonly prefix: number
  /** Where ports are published that name no address. */
  readonly hostBinding: string
  /** Containers on it reach each other. */
  readonly icc: boolean
  /** Outgoing traffic gets the host's address. */
  readonly masquerade: boolean
  /** Nothing passes between it and other networks. */
  readonly internal: boolean
}

/** A bridge network's record as its driver needs it. Records are made by us: a broken one is a bug. */
export function bridgeOf({ id, name, options, ipam, internal }: Network): BridgeSettings {
  const [subnet] = ipam.subnets
  const bridge = options[BRIDGE_OPTIONS.name] ?? `br-${shortId(id)}`
  const parsed = subnet && parseCidr(subnet.subnet)
  if (!parsed || !subnet.gateway) throw new TypeError(`network ${name} has no subnet or gateway`)
  return {
    bridge,
    mtu: Number(options[BRIDGE_OPTIONS.mtu] ?? 1500),
    subnet: subnet.subnet,
    gateway: subnet.gateway,
    prefix: parsed.prefix.bits,
    hostBinding: options[BRIDGE_OPTIONS.hostBinding] ?? '0.0.0.0',
    icc: isOn(options[BRIDGE_OPTIONS.enableIcc]),
    masquerade: isOn(options[BRIDGE_OPTIONS.enableIpMasquerade]),
    internal,
  }
}

const TRUE = /^(?:1|t|T|TRUE|true|True)$/
const FALSE = /^(?:0|f|F|FALSE|false|False)$/

/** True for the texts that Go takes for a truth value. */
export function isTruthValue(text: string): boolean {
  return TRUE.test(text) || FALSE.test(text)
}

function isOn(text: string | undefined): boolean {
  return text === undefined || TRUE.test(text)
}
