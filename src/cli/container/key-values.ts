import { readFileSync } from 'node:fs'
import { failure, messageOf } from '../../base/index.ts'

/** Environment of a container: files first, then `-e`; a name alone takes its value from this process, or stays alone. */
export function readEnvironment({
  files,
  entries,
  env,
}: {
  readonly files: readonly string[]
  readonly entries: readonly string[]
  readonly env: NodeJS.ProcessEnv
}): readonly string[] {
  return [...files.flatMap(readLines), ...entries].flatMap((entry) => {
    if (entry.startsWith('=') || entry === '') throw failure('invalid', `invalid environment variable: ${entry}`)
    if (entry.includes('=')) return [entry]
    const value = env[entry]
    return value === undefined ? [entry] : [`${entry}=${value}`]
  })
}

/** `KEY=VALUE` pairs; a key alone has an empty value. Later ones win. */
export function readLabels({
  files,
  entries,
}: {
  readonly files: readonly string[]
  readonly entries: readonly string[]
}): Readonly<Record<string, string>> {
  return Object.fromEntries(
    [...files.flatMap(readLines), ...entries].map((entry) => {
      const at = entry.indexOf('=')
      return at < 0 ? [entry, ''] : [entry.slice(0, at), entry.slice(at + 1)]
    }),
  )
}

/** Lines of an env file without comments and empty ones; a variable's name must not hold blanks. */
function readLines(path: string): readonly string[] {
  return readText(path)
    .split('\n')
    .map((line) => line.replace(/\r$/, '').trimStart())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => {
      const name = line.split('=', 1)[0] ?? ''
      if (name === '') throw failure('invalid', `no variable name on line '${line}'`)
      if (/\s/.test(name)) throw failure('invalid', `variable '${name}' contains whitespaces`)
      return line
    })
}

function readText(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (cause) {
    throw failure('invalid', `cannot read ${path}: ${messageOf(cause)}`, { cause })
  }
}
