import { flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'
import { readPairs } from './subnets.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NETWORK CONTAINER',
  flags: {
    alias: flag.list('Further names of the container on the network', { type: 'strings' }),
    'driver-opt': flag.list('Options for the driver of the network', { type: 'strings' }),
    'gw-priority': flag.integer('The network with the highest one gives the default route'),
    ip: flag.string('IPv4 address on the network'),
    ip6: flag.string('IPv6 address on the network'),
    link: flag.list('Add a link to another container'),
  },
  args: { min: 2, max: 2 },
  run: async ({ client }, { values, args }) => {
    const [network, Container] = args
    const { ip, ip6 } = values
    const EndpointConfig = {
      ...(ip || ip6 ? { IPAMConfig: { IPv4Address: ip, IPv6Address: ip6 } } : {}),
      Aliases: values.alias,
      Links: values.link,
      DriverOpts: readPairs(values['driver-opt']),
      GwPriority: values['gw-priority'],
    }
    await client.json('POST', `/networks/${network}/connect`, { body: { Container, EndpointConfig } })
    return 0
  },
})
