import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { API_VERSION } from '../connection.ts'
import { compileTemplate } from '../format/template.ts'
import { CLIENT_VERSION } from '../version.ts'

interface ServerVersion {
  readonly Version: string
  readonly ApiVersion: string
  readonly MinAPIVersion?: string
  readonly GitCommit?: string
  readonly Os: string
  readonly Arch: string
  readonly BuildTime?: string
  readonly Components?: readonly { readonly Name: string; readonly Version: string }[]
}

const ARCHITECTURE: Readonly<Record<string, string>> = { x64: 'amd64' }

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: { format: flag.string('Format by json or a Go template', { short: 'f' }) },
  args: NO_ARGUMENTS,
  run: async ({ client, stdout }, { values }) => {
    const Client = {
      Version: CLIENT_VERSION,
      ApiVersion: API_VERSION,
      NodeVersion: process.versions.node,
      Os: 'linux',
      Arch: ARCHITECTURE[process.arch] ?? process.arch,
    }
    if (values.format === '') stdout.write(`Client:\n${lines(clientLines(Client))}`)
    const Server = await client.json<ServerVersion>('GET', '/version')
    if (values.format === '') stdout.write(`\nServer:\n Engine:\n${lines(serverLines(Server), '  ')}`)
    else if (values.format === 'json') stdout.write(`${JSON.stringify({ Client, Server })}\n`)
    else stdout.write(`${compileTemplate(values.format)({ Client, Server })}\n`)
    return 0
  },
})

function clientLines(client: { Version: string; ApiVersion: string; NodeVersion: string; Os: string; Arch: string }) {
  return [
    ['Version:', client.Version],
    ['API version:', client.ApiVersion],
    ['Node version:', client.NodeVersion],
    ['OS/Arch:', `${client.Os}/${client.Arch}`],
  ] as const
}

function serverLines({ Version, ApiVersion, MinAPIVersion, Os, Arch, Components = [] }: ServerVersion) {
  return [
    ['Version:', Version],
    ['API version:', `${ApiVersion} (minimum version ${MinAPIVersion})`],
    ['OS/Arch:', `${Os}/${Arch}`],
    ...Components.filter(({ Name }) => Name !== 'Engine').map((part) => [`${part.Name}:`, part.Version] as const),
  ] as const
}

function lines(pairs: readonly (readonly [string, string])[], indent = ' '): string {
  return pairs.map(([name, value]) => `${indent}${name.padEnd(18)}${value}\n`).join('')
}
