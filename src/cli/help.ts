import type { Flag } from '../base/index.ts'
import type { Command } from './command.ts'
import { COMMANDS, type Found, GROUPS } from './commands.ts'

export function isGroup(word: string): boolean {
  return Object.hasOwn(GROUPS, word)
}

/** What `--help` prints for the program as a whole. */
export function programHelp(program: string): string {
  const shortcuts = Object.entries(COMMANDS).flatMap(([name, { summary, aliases = [] }]) =>
    [name, ...aliases].filter((alias) => !alias.includes(' ')).map((alias): [string, string] => [alias, summary]),
  )
  return [
    `Usage:  ${program} [OPTIONS] COMMAND`,
    'A container engine and its command line',
    section('Commands', shortcuts.sort(byName)),
    section('Management Commands', Object.entries(GROUPS)),
    `Run '${program} COMMAND --help' for more information on a command.\n`,
  ].join('\n\n')
}

/** What `slipway image --help` prints. */
export function groupHelp(group: string, program: string): string {
  const members = Object.entries(COMMANDS)
    .filter(([name]) => name.startsWith(`${group} `))
    .map(([name, { summary }]): [string, string] => [name.slice(group.length + 1), summary])
  return [
    `Usage:  ${program} ${group} COMMAND`,
    GROUPS[group] ?? '',
    section('Commands', members),
    `Run '${program} ${group} COMMAND --help' for more information on a command.\n`,
  ].join('\n\n')
}

/** What `slipway run --help` prints. */
export function commandHelp(
  command: Command,
  { found, program }: { readonly found: Found; readonly program: string },
): string {
  const names = [found.name, ...(found.entry.aliases ?? [])].map((name) => `${program} ${name}`)
  const flags = Object.entries(command.flags).filter(([, { hidden }]) => !hidden)
  const parts = [`Usage:  ${program} ${found.name} ${command.synopsis}`, found.entry.summary]
  if (names.length > 1) parts.push(`Aliases:\n  ${names.join(', ')}`)
  if (flags.length > 0) parts.push(section('Options', flags.sort(byName).map(flagLine)))
  return `${parts.join('\n\n')}\n`
}

function flagLine([name, { short, type, usage, initial }]: [string, Flag<unknown>]): [string, string] {
  const value = type === '' ? '' : ` ${type}`
  const shown = initial === '' || initial === false || initial === 0 || (Array.isArray(initial) && initial.length === 0)
  const suffix = shown || initial === undefined ? '' : ` (default ${JSON.stringify(initial)})`
  return [`${short ? `-${short}, ` : '    '}--${name}${value}`, `${usage}${suffix}`]
}

function section(title: string, lines: readonly (readonly [string, string])[]): string {
  const width = Math.max(...lines.map(([left]) => left.length))
  return [`${title}:`, ...lines.map(([left, right]) => `  ${left.padEnd(width)}   ${right}`)].join('\n')
}

function byName(a: readonly [string, unknown], b: readonly [string, unknown]): number {
  return a[0] < b[0] ? -1 : 1
}
