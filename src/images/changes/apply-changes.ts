import { posix } from 'node:path'
import { failure } from '../../base/index.ts'
import type { ExecutionConfig } from '../../oci/index.ts'
import { expandWord, expandWords, type Lookup } from './expansion.ts'
import { parseExposedPorts } from './exposed-port.ts'
import { parseHealthCheck } from './health-check.ts'
import { type Instruction, parseInstructions } from './instruction.ts'
import { assertStopSignal } from './stop-signal.ts'

interface Draft {
  config: { -readonly [K in keyof ExecutionConfig]: ExecutionConfig[K] }
  /** A CMD among these changes survives an ENTRYPOINT behind it; one of the image does not. */
  commandSet: boolean
}

type Change = (draft: Draft, instruction: Instruction) => void

const CHANGES: Readonly<Record<string, Change>> = {
  cmd: changeCommand,
  entrypoint: changeEntrypoint,
  env: changeEnvironment,
  expose: changePorts,
  healthcheck: (draft, instruction) => {
    draft.config.Healthcheck = parseHealthCheck(instruction)
  },
  label: changeLabels,
  onbuild: changeTriggers,
  stopsignal: (draft, instruction) => {
    const signal = expandWord(onlyArgument(instruction), lookupIn(draft))
    assertStopSignal(signal)
    draft.config.StopSignal = signal
  },
  user: (draft, instruction) => {
    draft.config.User = expandWord(onlyArgument(instruction), lookupIn(draft))
  },
  volume: changeVolumes,
  workdir: changeFolder,
}

/**
 * Applies Dockerfile instructions (`docker import --change`, `docker commit --change`) to a configuration, in order, and
 * gives the new one. Variables are those of the configuration's environment. `invalid` with Docker's texts: nothing is
 * half applied.
 */
export function applyChanges(config: ExecutionConfig, changes: readonly string[]): ExecutionConfig {
  if (changes.length === 0) return config
  const instructions = parseInstructions(changes.join('\n'))
  for (const { name } of instructions) {
    if (!Object.hasOwn(CHANGES, name.toLowerCase())) throw failure('invalid', `${name} is not a valid change command`)
  }
  const draft: Draft = { config: { ...config }, commandSet: false }
  for (const instruction of instructions) {
    const name = instruction.name.toLowerCase()
    const [flag] = instruction.flags
    if (flag !== undefined && name !== 'healthcheck') {
      throw failure('invalid', `unknown flag: ${flag.split('=', 1)[0]}`)
    }
    CHANGES[name]?.(draft, instruction)
  }
  return draft.config
}

function changeCommand(draft: Draft, instruction: Instruction): void {
  draft.config.Cmd = commandLine(draft, instruction)
  if (instruction.arguments.length > 0) draft.commandSet = true
}

function changeEntrypoint(draft: Draft, instruction: Instruction): void {
  draft.config.Entrypoint = instruction.arguments.length === 0 ? null : commandLine(draft, instruction)
  if (!draft.commandSet) draft.config.Cmd = null
}

function changeEnvironment(draft: Draft, instruction: Instruction): void {
  const lookup = lookupIn(draft)
  const environment = [...(draft.config.Env ?? [])]
  for (const [name, value] of expandPairs(instruction, lookup)) {
    const known = environment.findIndex((entry) => entry.split('=', 1)[0] === name)
    environment.splice(known < 0 ? environment.length : known, 1, `${name}=${value}`)
  }
  draft.config.Env = environment
}

function changeLabels(draft: Draft, instruction: Instruction): void {
  const added = Object.fromEntries(expandPairs(instruction, lookupIn(draft)))
  draft.config.Labels = { ...draft.config.Labels, ...added }
}

function changePorts(draft: Draft, instruction: Instruction): void {
  const lookup = lookupIn(draft)
  const words = atLeastOneArgument(instruction).flatMap((word) => expandWords(word, lookup))
  draft.config.ExposedPorts = { ...draft.config.ExposedPorts, ...asSet(words.flatMap(parseExposedPorts)) }
}

function changeVolumes(draft: Draft, instruction: Instruction): void {
  const lookup = lookupIn(draft)
  const paths = atLeastOneArgument(instruction).map((word) => expandWord(word.trim(), lookup))
  if (paths.includes('')) throw failure('invalid', 'VOLUME specified can not be an empty string')
  draft.config.Volumes = { ...draft.config.Volumes, ...asSet(paths) }
}

function changeFolder(draft: Draft, instruction: Instruction): void {
  const path = expandWord(onlyArgument(instruction), lookupIn(draft))
  if (path === '') throw failure('invalid', 'cannot normalize nothing')
  const absolute = posix.resolve('/', draft.config.WorkingDir ?? '', path)
  draft.config.WorkingDir = absolute
}

function changeTriggers(draft: Draft, instruction: Instruction): void {
  const trigger = (atLeastOneArgument(instruction)[0] ?? '').toUpperCase()
  if (trigger === 'ONBUILD') throw failure('invalid', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
  if (trigger === 'MAINTAINER' || trigger === 'FROM') {
    throw failure('invalid', `${trigger} isn't allowed as an ONBUILD trigger`)
  }
  const expression = instruction.original.replace(/^\s*ONBUILD\s*/i, '')
  draft.config.OnBuild = [...(draft.config.OnBuild ?? []), expression]
}

/** The exec form as it is; the shell form behind the configuration's shell. */
function commandLine({ config }: Draft, instruction: Instruction): readonly string[] {
  if (instruction.json) return instruction.arguments
  const shell = config.Shell && config.Shell.length > 0 ? config.Shell : ['/bin/sh', '-c']
  return [...shell, ...instruction.arguments]
}

function expandPairs(instruction: Instruction, lookup: Lookup): readonly (readonly [name: string, value: string])[] {
  const words = atLeastOneArgument(instruction)
  const pairs: (readonly [string, string])[] = []
  for (let at = 0; at < words.length; at += 2) {
    const name = words[at] ?? ''
    if (name === '') throw failure('invalid', `${instruction.name.toUpperCase()} names can not be blank`)
    pairs.push([expandWord(name, lookup), expandWord(words[at + 1] ?? '', lookup)])
  }
  return pairs
}

function lookupIn({ config }: Draft): Lookup {
  const values = new Map<string, string>()
  for (const entry of config.Env ?? []) {
    const sign = entry.indexOf('=')
    values.set(sign < 0 ? entry : entry.slice(0, sign), sign < 0 ? '' : entry.slice(sign + 1))
  }
  return (name) => values.get(name)
}

function onlyArgument(instruction: Instruction): string {
  const [argument, ...others] = instruction.arguments
  if (argument !== undefined && others.length === 0) return argument
  throw failure('invalid', `${instruction.name.toUpperCase()} requires exactly one argument`)
}

function atLeastOneArgument(instruction: Instruction): readonly string[] {
  if (instruction.arguments.length > 0) return instruction.arguments
  throw failure('invalid', `${instruction.name.toUpperCase()} requires at least one argument`)
}

function asSet(keys: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(keys.map((key) => [key, {}]))
}
