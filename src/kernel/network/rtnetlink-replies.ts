import { parseAttributes } from '../netlink/netlink.ts'
import { addressText, macText } from './inet.ts'

export interface Link {
  readonly index: number
  readonly name: string
  readonly mac: string
  readonly mtu: number
  readonly up: boolean
  readonly master?: number
  /** `bridge`, `veth`, …; absent for hardware. */
  readonly kind?: string
}

export interface InterfaceAddress {
  readonly index: number
  readonly family: 4 | 6
  readonly address: string
  readonly prefix: number
  readonly scope: number
}

export interface Route {
  readonly family: 4 | 6
  /** In CIDR form, or `default`. */
  readonly destination: string
  readonly gateway?: string
  readonly index?: number
  readonly table: number
}

/** RTM_NEWLINK: struct ifinfomsg and attributes. */
export function parseLink(payload: Buffer): Link {
  const attributes = parseAttributes(payload.subarray(16))
  const info = attributes.get(18)
  const kind = info && parseAttributes(info).get(1)
  const master = attributes.get(10)?.readUInt32LE(0)
  return {
    index: payload.readInt32LE(4),
    name: cString(attributes.get(3)),
    mac: macText(attributes.get(1) ?? Buffer.alloc(0)),
    mtu: attributes.get(4)?.readUInt32LE(0) ?? 0,
    up: (payload.readUInt32LE(8) & 1) === 1,
    ...(master === undefined ? {} : { master }),
    ...(kind ? { kind: cString(kind) } : {}),
  }
}

/** RTM_NEWADDR: struct ifaddrmsg and attributes; the local address is preferred to the peer's. */
export function parseAddress(payload: Buffer): InterfaceAddress {
  const attributes = parseAttributes(payload.subarray(8))
  const bytes = attributes.get(2) ?? attributes.get(1) ?? Buffer.alloc(4)
  return {
    index: payload.readUInt32LE(4),
    family: payload[0] === 10 ? 6 : 4,
    address: addressText(bytes),
    prefix: payload[1] ?? 0,
    scope: payload[3] ?? 0,
  }
}

/** RTM_NEWROUTE: struct rtmsg and attributes. */
export function parseRoute(payload: Buffer): Route {
  const attributes = parseAttributes(payload.subarray(12))
  const destination = attributes.get(1)
  const gateway = attributes.get(5)
  const index = attributes.get(4)?.readUInt32LE(0)
  return {
    family: payload[0] === 10 ? 6 : 4,
    destination: destination ? `${addressText(destination)}/${payload[1]}` : 'default',
    table: attributes.get(15)?.readUInt32LE(0) ?? payload[4] ?? 0,
    ...(gateway ? { gateway: addressText(gateway) } : {}),
    ...(index === undefined ? {} : { index }),
  }
}

function cString(bytes: Buffer | undefined): string {
  return bytes ? bytes.toString('utf8').replace(/\0.*$/s, '') : ''
}
