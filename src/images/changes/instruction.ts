import { failure } from '../../base/index.ts'
import {
  type Arguments,
  parseHealthArguments,
  parseJsonOrText,
  parseJsonOrWords,
  parsePairs,
  parseText,
  parseWords,
} from './arguments.ts'

/** One line of a Dockerfile, continuation lines joined, taken apart by the rules of its instruction. */
export interface Instruction {
  /** As written. */
  readonly name: string
  readonly flags: readonly string[]
  readonly arguments: readonly string[]
  /** The arguments were a JSON array: the exec form. */
  readonly json: boolean
  readonly original: string
}

const LINE_LIMIT = 64 * 1024 - 1

/** How each instruction reads its arguments; what is not listed has none. */
const PARSERS: Readonly<Record<string, (text: string) => Arguments>> = {
  add: parseJsonOrWords,
  arg: parseWords,
  cmd: parseJsonOrText,
  copy: parseJsonOrWords,
  entrypoint: parseJsonOrText,
  env: (text) => parsePairs(text, 'ENV'),
  expose: parseWords,
  from: parseWords,
  healthcheck: parseHealthArguments,
  label: (text) => parsePairs(text, 'LABEL'),
  maintainer: parseText,
  onbuild: parseTrigger,
  run: parseJsonOrText,
  shell: parseJsonOrText,
  stopsignal: parseText,
  user: parseText,
  volume: parseJsonOrWords,
  workdir: parseText,
}

/** Splits text into instructions; comments and empty lines are dropped. `invalid` with BuildKit's texts. */
export function parseInstructions(text: string): readonly Instruction[] {
  const instructions = joinLines(text).map(parseInstruction)
  if (instructions.length === 0) throw failure('invalid', 'file with no instructions')
  return instructions
}

function joinLines(text: string): readonly string[] {
  const joined: string[] = []
  let open = ''
  for (const raw of text.replace(/^\uFEFF/, '').split('\n')) {
    const line = raw.replace(/\r+$/, '')
    if (line.length > LINE_LIMIT) {
      throw failure('invalid', `dockerfile line greater than max allowed size of ${LINE_LIMIT}`)
    }
    if (/^\s*(?:#|$)/.test(line)) continue
    const content = open === '' ? line.trimStart() : line
    if (/(?:[^\\]|^)\\[ \t]*$/.test(content)) {
      open += content.replace(/\\[ \t]*$/, '')
    } else {
      joined.push(open + content)
      open = ''
    }
  }
  return open === '' ? joined : [...joined, open]
}

function parseInstruction(line: string): Instruction {
  const [, name = '', rest = ''] = /^(\S*)[\t\v\f\r ]*(.*)$/s.exec(line.trim()) ?? []
  const { flags, remainder } = takeFlags(rest)
  const { words, json = false } = PARSERS[name.toLowerCase()]?.(remainder.trim()) ?? { words: [] }
  return { name, flags, arguments: words, json, original: line }
}

/** ONBUILD: the instruction behind it is read too, so that its mistakes show now. */
function parseTrigger(text: string): Arguments {
  if (text === '') return { words: [] }
  const trigger = parseInstruction(text)
  return { words: [trigger.name, ...trigger.arguments] }
}

const FLAG = /^(?:\\.?|(['"])(?:\\.?|(?!\1)[^\\])*(?:\1|$)|[^\s\\'"])*/s
const QUOTED = /\\(.?)|(['"])((?:\\.?|(?!\2)[^\\])*)(?:\2|$)/gs

/** Takes leading `--name=value` words off, with quotes and escapes removed. A bare `--` ends them. */
function takeFlags(text: string): { readonly flags: readonly string[]; readonly remainder: string } {
  const flags: string[] = []
  let rest = text.trimStart()
  while (rest.startsWith('--')) {
    const raw = FLAG.exec(rest)?.[0] ?? rest
    const word = raw.replace(QUOTED, (_whole, escaped: string | undefined, _quote, inner: string | undefined) =>
      inner === undefined ? (escaped ?? '') : inner.replace(/\\(.?)/gs, '$1'),
    )
    rest = rest.slice(raw.length).trimStart()
    if (word === '--') break
    flags.push(word)
  }
  return { flags, remainder: rest }
}
