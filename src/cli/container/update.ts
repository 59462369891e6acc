import { flag, parseBytes } from '../../base/index.ts'
import { defineCommand, SOME_ARGUMENTS } from '../command.ts'
import { forEachName } from '../each.ts'
import { parseNanoCpus } from '../values.ts'
import { parseRestartPolicy } from './options.ts'

const bytes = (usage: string, short?: string) =>
  flag.custom(usage, { type: 'bytes', initial: 0, ...(short ? { short } : {}), parse: parseBytes })

export const command = defineCommand({
  synopsis: '[OPTIONS] CONTAINER [CONTAINER...]',
  flags: {
    'blkio-weight': flag.integer('Relative share of block I/O, 10 to 1000'),
    'cpu-period': flag.integer('Length of a CFS period in microseconds'),
    'cpu-quota': flag.integer('CPU time in a CFS period in microseconds'),
    'cpu-shares': flag.integer('Relative share of CPU time', { short: 'c' }),
    cpus: flag.custom('Number of CPUs', { type: 'decimal', initial: 0, parse: parseNanoCpus }),
    'cpuset-cpus': flag.string('CPUs to run on (0-3, 0,1)'),
    'cpuset-mems': flag.string('Memory nodes to use (0-3, 0,1)'),
    memory: bytes('Memory limit', 'm'),
    'memory-reservation': bytes('Memory soft limit'),
    'memory-swap': flag.custom('Memory and swap together; -1: as much swap as there is', {
      type: 'bytes',
      initial: 0,
      parse: (text) => (text === '-1' ? -1 : parseBytes(text)),
    }),
    'pids-limit': flag.integer('Most processes (-1: no limit)'),
    restart: flag.string('What to do when the container ends'),
  },
  args: SOME_ARGUMENTS,
  run: async (context, { values, args, given }) => {
    const body = {
      BlkioWeight: values['blkio-weight'],
      CpuPeriod: values['cpu-period'],
      CpuQuota: values['cpu-quota'],
      CpuShares: values['cpu-shares'],
      NanoCpus: values.cpus,
      CpusetCpus: values['cpuset-cpus'],
      CpusetMems: values['cpuset-mems'],
      Memory: values.memory,
      MemoryReservation: values['memory-reservation'],
      MemorySwap: values['memory-swap'],
      PidsLimit: given.has('pids-limit') ? values['pids-limit'] : undefined,
      RestartPolicy: given.has('restart') ? parseRestartPolicy(values.restart) : undefined,
    }
    const warnings: string[] = []
    const code = await forEachName(context, args, async (name) => {
      const path = `/containers/${name}/update`
      const { Warnings } = await context.client.json<{ Warnings: string[] | null }>('POST', path, { body })
      warnings.push(...(Warnings ?? []))
      return name
    })
    context.stderr.write(warnings.map((text) => `${text}\n`).join(''))
    return code
  },
})
