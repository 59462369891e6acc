// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how a Dockerfile writes variables.
import { failure, SlipwayError } from '../../base/index.ts'
import { parseWildcard, replaceMatches, trimEnd, trimStart } from './wildcard.ts'

export type Lookup = (name: string) => string | undefined

/** A part of the result; white space splits words only in what was neither quoted nor escaped. */
interface Piece {
  readonly text: string
  readonly splits: boolean
}

interface Reader {
  readonly text: string
  at: number
  /** How many `${` are open. */
  depth: number
  readonly lookup: Lookup
}

/** Longer results cannot be arguments or environment of a process (MAX_ARG_STRLEN), so nobody needs them. */
const RESULT_LIMIT = 128 * 1024
const DEPTH_LIMIT = 64
const NAME = /\p{Nd}+|[@*#?\-$!]|[\p{L}_][\p{L}\p{Nd}_]*/uy

/**
 * Removes quotes and escapes and replaces `$name`, `${name}` and the forms `:-` `-` `:+` `+` `:?` `?` `#` `##` `%` `%%`
 * `/` `//` of a Dockerfile word, as BuildKit does. `invalid` with BuildKit's text.
 */
export function expandWord(word: string, lookup: Lookup): string {
  return joined(expand(word, lookup))
}

/** As `expandWord`, then split at white space that was not quoted. */
export function expandWords(word: string, lookup: Lookup): readonly string[] {
  const words: string[] = []
  let current = ''
  for (const piece of expand(word, lookup)) {
    const [first = '', ...rest] = piece.splits ? piece.text.split(/\s+/) : [piece.text]
    current += first
    for (const part of rest) {
      if (current !== '') words.push(current)
      current = part
    }
  }
  return current === '' ? words : [...words, current]
}

function expand(word: string, lookup: Lookup): readonly Piece[] {
  try {
    return readUntil({ text: word, at: 0, depth: 0, lookup })
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    throw failure(error.kind, `failed to process ${JSON.stringify(word)}: ${error.message}`, { cause: error })
  }
}

function readUntil(reader: Reader, options: { stop?: string; rawEscapes?: boolean } = {}): readonly Piece[] {
  const pieces: Piece[] = []
  let length = 0
  for (let character = next(reader); character !== undefined; character = next(reader)) {
    if (character === options.stop) return pieces
    const piece = readPiece(reader, { character, rawEscapes: options.rawEscapes ?? false })
    length += piece.text.length
    if (length > RESULT_LIMIT) throw failure('invalid', `result is longer than ${RESULT_LIMIT} characters`)
    pieces.push(piece)
  }
  if (options.stop === undefined) return pieces
  throw failure('invalid', `unexpected end of statement while looking for matching ${options.stop}`)
}

function readPiece(reader: Reader, { character, rawEscapes }: { character: string; rawEscapes: boolean }): Piece {
  if (character === "'") return { text: readSingleQuoted(reader), splits: false }
  if (character === '"') return { text: readDoubleQuoted(reader, rawEscapes), splits: false }
  if (character === '$') return { text: readVariable(reader), splits: true }
  if (character === '\\') return { text: `${rawEscapes ? '\\' : ''}${next(reader) ?? ''}`, splits: false }
  return { text: character, splits: true }
}

function readSingleQuoted(reader: Reader): string {
  const start = reader.at
  const end = reader.text.indexOf("'", start)
  if (end < 0) throw failure('invalid', 'unexpected end of statement while looking for matching single-quote')
  reader.at = end + 1
  return reader.text.slice(start, end)
}

function readDoubleQuoted(reader: Reader, rawEscapes: boolean): string {
  let text = ''
  for (let character = next(reader); character !== undefined; character = next(reader)) {
    if (character === '"') return text
    if (character === '$') text += readVariable(reader)
    else if (character !== '\\') text += character
    else {
      if (rawEscapes) text += '\\'
      const follower = peek(reader)
      const escapes = follower === '"' || follower === '$' || follower === '\\'
      text += escapes ? next(reader) : '\\'
    }
    if (text.length > RESULT_LIMIT) throw failure('invalid', `result is longer than ${RESULT_LIMIT} characters`)
  }
  throw failure('invalid', 'unexpected end of statement while looking for matching double-quote')
}

/** Stands behind the `$`. */
function readVariable(reader: Reader): string {
  if (peek(reader) !== '{') {
    const name = readName(reader)
    return name === '' ? '$' : (reader.lookup(name) ?? '')
  }
  next(reader)
  const first = peek(reader)
  if (first === undefined) throw failure('invalid', "syntax error: missing '}'")
  if (first === '{' || first === '}' || first === ':') throw failure('invalid', 'syntax error: bad substitution')
  return substitute(reader, readName(reader))
}

/** Stands behind `${name`. */
function substitute(reader: Reader, name: string): string {
  const value = reader.lookup(name)
  const sign = next(reader)
  if (sign === '}') return value ?? ''
  if (sign === '/') return replaceIn(reader, value ?? '')
  const colon = sign === ':'
  const operator = (colon ? next(reader) : sign) ?? ''
  const shown = `${colon ? ':' : ''}${operator}`
  const allowed = colon ? '-+?' : '-+?#%'
  if (operator === '' || !allowed.includes(operator)) {
    throw failure('invalid', `unsupported modifier (${shown}) in substitution`)
  }
  const trims = operator === '#' || operator === '%'
  const word = readArgument(reader, { stop: '}', rawEscapes: trims })
  if (trims) return trimIn(value ?? '', { operator, word })
  const usable = value !== undefined && !(colon && value === '')
  if (operator === '-') return usable ? value : word
  if (operator === '+') return usable ? word : ''
  if (usable) return value
  throw failure('invalid', `${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
}

function trimIn(value: string, { operator, word }: { readonly operator: string; readonly word: string }): string {
  const longest = word.startsWith(operator)
  const pattern = parseWildcard(longest ? word.slice(1) : word)
  return operator === '#' ? trimStart(value, { pattern, longest }) : trimEnd(value, { pattern, longest })
}

function replaceIn(reader: Reader, value: string): string {
  const all = peek(reader) === '/'
  if (all) next(reader)
  const pattern = parseWildcard(readArgument(reader, { stop: '/', rawEscapes: true, missing: "'/' in ${}" }))
  const replacement = readArgument(reader, { stop: '}', rawEscapes: true })
  return replaceMatches(value, { pattern, replacement, all, limit: RESULT_LIMIT })
}

function readArgument(
  reader: Reader,
  { stop, rawEscapes, missing = "'}'" }: { stop: string; rawEscapes: boolean; missing?: string },
): string {
  if (reader.depth >= DEPTH_LIMIT) throw failure('invalid', `substitutions are nested more than ${DEPTH_LIMIT} deep`)
  reader.depth += 1
  try {
    return joined(readUntil(reader, { stop, rawEscapes }))
  } catch (error) {
    if (peek(reader) !== undefined) throw error
    throw failure('invalid', `syntax error: missing ${missing}`, { cause: error })
  } finally {
    reader.depth -= 1
  }
}

/** A name, a run of digits, or one of the shell's special parameters; empty when there is none. */
function readName(reader: Reader): string {
  NAME.lastIndex = reader.at
  const name = NAME.exec(reader.text)?.[0] ?? ''
  reader.at += name.length
  return name
}

function next(reader: Reader): string | undefined {
  return reader.text[reader.at++]
}

function peek(reader: Reader): string | undefined {
  return reader.text[reader.at]
}

function joined(pieces: readonly Piece[]): string {
  return pieces.map((piece) => piece.text).join('')
}
