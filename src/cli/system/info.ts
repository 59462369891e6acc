import { flag } from '../../base/index.ts'
import { defineCommand, NO_ARGUMENTS } from '../command.ts'
import { compileTemplate } from '../format/template.ts'
import { binarySize } from '../format/units.ts'

interface Info {
  readonly Containers: number
  readonly ContainersRunning: number
  readonly ContainersPaused: number
  readonly ContainersStopped: number
  readonly Images: number
  readonly ServerVersion: string
  readonly Driver: string
  readonly LoggingDriver: string
  readonly CgroupDriver: string
  readonly CgroupVersion: string
  readonly Runtimes: Readonly<Record<string, unknown>>
  readonly DefaultRuntime: string
  readonly KernelVersion: string
  readonly OperatingSystem: string
  readonly OSType: string
  readonly Architecture: string
  readonly NCPU: number
  readonly MemTotal: number
  readonly Name: string
  readonly ID: string
  readonly DockerRootDir: string
  readonly Debug: boolean
  readonly LiveRestoreEnabled: boolean
  readonly Labels: readonly string[] | null
  readonly Warnings: readonly string[] | null
}

export const command = defineCommand({
  synopsis: '[OPTIONS]',
  flags: { format: flag.string('Format by json or a Go template', { short: 'f' }) },
  args: NO_ARGUMENTS,
  run: async ({ client, stdout, stderr }, { values }) => {
    const info = await client.json<Info>('GET', '/info')
    if (values.format === 'json') stdout.write(`${JSON.stringify(info)}\n`)
    else if (values.format !== '') stdout.write(`${compileTemplate(values.format)(info)}\n`)
    else {
      stdout.write(describe(info))
      for (const warning of info.Warnings ?? []) stderr.write(`${warning}\n`)
    }
    return 0
  },
})

function describe(info: Info): string {
  const lines = [
    `Containers: ${info.Containers}`,
    ` Running: ${info.ContainersRunning}`,
    ` Paused: ${info.ContainersPaused}`,
    ` Stopped: ${info.ContainersStopped}`,
    `Images: ${info.Images}`,
    `Server Version: ${info.ServerVersion}`,
    `Storage Driver: ${info.Driver}`,
    `Logging Driver: ${info.LoggingDriver}`,
    `Cgroup Driver: ${info.CgroupDriver}`,
    `Cgroup Version: ${info.CgroupVersion}`,
    `Runtimes: ${Object.keys(info.Runtimes).join(' ')}`,
    `Default Runtime: ${info.DefaultRuntime}`,
    `Kernel Version: ${info.KernelVersion}`,
    `Operating System: ${info.OperatingSystem}`,
    `OSType: ${info.OSType}`,
    `Architecture: ${info.Architecture}`,
    `CPUs: ${info.NCPU}`,
    `Total Memory: ${binarySize(info.MemTotal)}`,
    `Name: ${info.Name}`,
    `ID: ${info.ID}`,
    `Data Root: ${info.DockerRootDir}`,
    `Debug Mode: ${info.Debug}`,
    `Live Restore Enabled: ${info.LiveRestoreEnabled}`,
    ...(info.Labels?.length ? ['Labels:', ...info.Labels.map((label) => ` ${label}`)] : []),
  ]
  return `${lines.join('\n')}\n`
}
