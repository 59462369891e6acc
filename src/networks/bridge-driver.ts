import { existsSync } from 'node:fs'
import { failure, hasCode, type Log } from '../base/index.ts'
import { inNetns, type Link, openRtnetlink, type Rtnetlink, writeSysctl } from '../kernel/index.ts'
import { formatAddress, lastOf, macOf, parseAddress, prefixOf } from './address.ts'
import { bridgeOf } from './bridge-options.ts'
import type { Endpoint, Network } from './contract.ts'
import type { Driver } from './driver.ts'
import { isOurHostInterface } from './interface-names.ts'

/** Networks made of a Linux bridge and one veth pair for each endpoint. `host` stays the caller's. */
export function createBridgeDriver({ host, log }: { host: Rtnetlink; log: Log }): Driver {
  function prepare(network: Network): void {
    const { bridge, mtu, gateway, prefix } = bridgeOf(network)
    const found = host.linkByName(bridge)
    if (found && found.kind !== 'bridge') {
      throw failure('unavailable', `network ${network.name} needs the bridge ${bridge}, but that is another device`, {
        hint: 'remove the device or choose another bridge name',
      })
    }
    const link = found ?? host.createBridge({ name: bridge, mac: macOf(gateway), mtu })
    repair(link, { gateway, prefix })
    // Lets the host reach published ports at 127.0.0.1; the guard chain keeps everybody else out.
    writeSysctl(`net.ipv4.conf.${sysctlName(bridge)}.route_localnet`, '1')
    log.debug({ bridge, index: link.index }, 'bridge is ready')
  }

  function repair(link: Link, { gateway, prefix }: { gateway: string; prefix: number }): void {
    const own = host.addresses().filter(({ index, family }) => index === link.index && family === 4)
    if (!own.some(({ address }) => address === gateway)) host.addAddress(link.index, { address: gateway, prefix })
    for (const other of own.filter(({ address }) => address !== gateway)) host.deleteAddress(link.index, other)
    if (!link.up) host.setLink(link.index, { up: true })
  }

  function connect(
    endpoint: Endpoint,
    { network, netns, isGateway }: { network: Network; netns: number; isGateway: boolean },
  ): void {
    const { mtu, icc } = bridgeOf(network)
    const bridge = bridgeLink(network)
    const { hostInterface: name, interfaceName: peer, macAddress: peerMac, address, prefix } = endpoint
    // Hairpin: with bridge-nf-call-iptables a container reaches its own published port only through its own port.
    host.createVeth({ name, peer, peerNetns: netns, master: bridge.index, mtu, peerMac, hairpin: true, isolated: !icc })
    inNetns(netns, () => {
      disableIpv6(peer)
      using inside = openRtnetlink()
      inside.configureInterface({
        name: peer,
        addresses: [{ address, prefix, broadcast: broadcastOf(address, prefix) }],
        ...(isGateway && endpoint.gateway !== '' ? { gateway: endpoint.gateway } : {}),
      })
    })
    awaitCarrier(name, bridge.name)
  }

  function routeThrough({ interfaceName, gateway }: Endpoint, netns: number): void {
    using inside = openRtnetlink({ netns })
    const link = inside.linkByName(interfaceName)
    if (link) inside.replaceRoute({ gateway, index: link.index })
  }

  /**
   * The kernel puts a port that came up into service, and then an empty bridge, by a worker of its own a little later;
   * a packet sent before is lost, and asked for again after a second. Looking at a link makes it do that now.
   */
  function awaitCarrier(...names: readonly string[]): void {
    for (const name of names) host.linkByName(name)
  }

  function bridgeLink(network: Network): Link {
    const { bridge } = bridgeOf(network)
    const link = host.linkByName(bridge)
    if (!link) throw failure('unavailable', `the bridge ${bridge} of network ${network.name} is gone`)
    return link
  }

  function adopt(endpoint: Endpoint, network: Network): void {
    const link = host.linkByName(endpoint.hostInterface)
    const bridge = bridgeLink(network)
    if (link && (link.master !== bridge.index || !link.up)) {
      host.setLink(link.index, { master: bridge.index, up: true })
    }
  }

  function disconnect(endpoint: Endpoint): void {
    // The kernel removes the pair some 35 ms after its namespace. Down, the bridge forgets at once behind which port
    // the address was, so that the next owner of the address is found from its first packet on.
    const link = host.linkByName(endpoint.hostInterface)
    try {
      if (link) host.setLink(link.index, { up: false })
    } catch (error) {
      if (!hasCode(error, 'ENODEV')) throw error
    }
  }

  function remove({ hostInterface }: Endpoint): void {
    const link = host.linkByName(hostInterface)
    if (link) removeLink(link)
  }

  function removeStrays(network: Network, kept: ReadonlySet<string>): void {
    const { index: master } = bridgeLink(network)
    const ours = host.links().filter((link) => link.master === master && isOurHostInterface(link.name))
    for (const link of ours.filter(({ name }) => !kept.has(name))) {
      removeLink(link)
      log.info({ name: link.name }, 'removed an interface that belonged to no container')
    }
  }

  function removeLink({ index }: Link): void {
    try {
      host.deleteLink(index)
    } catch (error) {
      // The kernel was about to remove it anyway.
      if (!hasCode(error, 'ENODEV')) throw error
    }
  }

  function dismantle(network: Network): void {
    const link = host.linkByName(bridgeOf(network).bridge)
    if (link?.kind === 'bridge') host.deleteLink(link.index)
  }

  return { prepare, connect, routeThrough, adopt, disconnect, remove, removeStrays, dismantle }
}

/** A container on an IPv4 network has no IPv6 but on its loopback, as with Docker. */
function disableIpv6(name: string): void {
  if (existsSync('/proc/sys/net/ipv6')) writeSysctl(`net.ipv6.conf.${sysctlName(name)}.disable_ipv6`, '1')
}

/** An interface's name within a kernel parameter's: there the dot is the separator. */
function sysctlName(name: string): string {
  return name.replaceAll('.', '/')
}

function broadcastOf(address: string, prefix: number): string {
  const parsed = parseAddress(address)
  if (!parsed) throw new TypeError(`not an IP address: ${address}`)
  return formatAddress(lastOf(prefixOf(parsed, prefix)))
}
