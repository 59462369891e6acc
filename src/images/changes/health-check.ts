import { failure, messageOf, parseDuration } from '../../base/index.ts'
import type { HealthConfig } from '../../oci/index.ts'
import type { Instruction } from './instruction.ts'

const INTERVALS = {
  interval: 'Interval',
  timeout: 'Timeout',
  'start-period': 'StartPeriod',
  'start-interval': 'StartInterval',
} as const

const MINIMUM = 1_000_000

/** HEALTHCHECK NONE, or CMD in either form with its flags. `invalid` with BuildKit's texts. */
export function parseHealthCheck(instruction: Instruction): HealthConfig {
  const [written, ...command] = instruction.arguments
  if (written === undefined) throw failure('invalid', 'HEALTHCHECK requires at least one argument')
  const type = written.toUpperCase()
  if (type === 'NONE') {
    if (command.length > 0) throw failure('invalid', 'HEALTHCHECK NONE takes no arguments')
    return { Test: ['NONE'] }
  }
  const flags = parseFlags(instruction.flags)
  if (type !== 'CMD') throw failure('invalid', `Unknown type ${JSON.stringify(type)} in HEALTHCHECK (try CMD)`)
  if (command.length === 0) throw failure('invalid', 'Missing command after HEALTHCHECK CMD')
  return { Test: [instruction.json ? 'CMD' : 'CMD-SHELL', ...command], ...flags }
}

function parseFlags(flags: readonly string[]): HealthConfig {
  const config: { -readonly [K in keyof HealthConfig]: HealthConfig[K] } = {}
  const used = new Set<string>()
  for (const flag of flags) {
    const [, name = '', value] = /^--([^=]*)(?:=(.*))?$/s.exec(flag) ?? []
    if (name !== 'retries' && !Object.hasOwn(INTERVALS, name)) throw failure('invalid', `unknown flag: --${name}`)
    if (used.has(name)) throw failure('invalid', `duplicate flag specified: --${name}`)
    used.add(name)
    if (value === undefined) throw failure('invalid', `missing a value on flag: --${name}`)
    if (value === '') continue
    if (name === 'retries') config.Retries = parseRetries(value)
    else config[INTERVALS[name as keyof typeof INTERVALS]] = parseInterval(name, value)
  }
  return config
}

function parseInterval(name: string, value: string): number {
  const duration = readDuration(value)
  if (duration === 0 || duration >= MINIMUM) return duration
  throw failure('invalid', `Interval ${JSON.stringify(name)} cannot be less than 1ms`)
}

function readDuration(value: string): number {
  try {
    return parseDuration(value)
  } catch (cause) {
    throw failure('invalid', messageOf(cause), { cause })
  }
}

function parseRetries(value: string): number {
  if (!/^[-+]?[0-9]+$/.test(value)) {
    throw failure('invalid', `strconv.ParseInt: parsing ${JSON.stringify(value)}: invalid syntax`)
  }
  const retries = Number(value)
  if (Math.abs(retries) > 0x7fff_ffff) {
    throw failure('invalid', `strconv.ParseInt: parsing ${JSON.stringify(value)}: value out of range`)
  }
  if (retries < 0) throw failure('invalid', `--retries cannot be negative (${retries})`)
  return retries
}
