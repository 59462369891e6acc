import { failure, flag } from '../../base/index.ts'
import { defineCommand, ONE_ARGUMENT } from '../command.ts'
import { readPairs, type Subnets, subnetsOf } from './subnets.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] NETWORK',
  flags: {
    attachable: flag.boolean('Let containers join by hand'),
    'aux-address': flag.list('Addresses that no container gets (NAME=ADDRESS)', { type: 'map' }),
    driver: flag.string('Driver of the network', { short: 'd', initial: 'bridge' }),
    gateway: flag.list('Address of the host on the subnet', { type: 'strings' }),
    internal: flag.boolean('Nothing passes between it and other networks'),
    'ip-range': flag.list('Give containers addresses of this part of the subnet', { type: 'strings' }),
    'ipam-driver': flag.string('Driver of the addresses', { initial: 'default' }),
    'ipam-opt': flag.list('Options for that driver', { type: 'map' }),
    ipv4: flag.boolean('Give containers IPv4 addresses', { initial: true }),
    ipv6: flag.boolean('Give containers IPv6 addresses'),
    label: flag.list('Set a label on the network'),
    opt: flag.list('Set an option of the driver', { short: 'o', type: 'map' }),
    scope: flag.string('Scope of the network'),
    subnet: flag.list('Subnet in CIDR form', { type: 'strings' }),
  },
  args: ONE_ARGUMENT,
  run: async ({ client, stdout }, { values, given, args }) => {
    const wanted: Subnets = {
      subnets: values.subnet,
      ranges: values['ip-range'],
      gateways: values.gateway,
      auxAddresses: readPairs(values['aux-address']),
    }
    const body = {
      Name: args[0],
      Driver: values.driver,
      Scope: values.scope,
      ...(given.has('ipv4') && { EnableIPv4: values.ipv4 }),
      ...(given.has('ipv6') && { EnableIPv6: values.ipv6 }),
      IPAM: { Driver: values['ipam-driver'], Options: readPairs(values['ipam-opt']), Config: subnetsOf(wanted) },
      Internal: values.internal,
      Attachable: values.attachable,
      Options: readPairs(values.opt),
      Labels: readPairs(values.label),
    }
    const { Id } = await client.json<{ Id?: string }>('POST', '/networks/create', { body })
    if (Id === undefined) throw failure('internal', 'the daemon gave no id')
    stdout.write(`${Id}\n`)
    return 0
  },
})
