import { failure } from '../../base/index.ts'

/** The arguments of one instruction; `json` when they were written as a JSON array. */
export interface Arguments {
  readonly words: readonly string[]
  readonly json?: boolean
}

/** The whole text as one argument. */
export function parseText(text: string): Arguments {
  return { words: text === '' ? [] : [text] }
}

/** Split at white space; quotes mean nothing. */
export function parseWords(text: string): Arguments {
  return { words: text === '' ? [] : text.split(/[\t\v\f\r ]+/) }
}

export function parseJsonOrText(text: string): Arguments {
  return parseJson(text) ?? parseText(text)
}

export function parseJsonOrWords(text: string): Arguments {
  return parseJson(text) ?? parseWords(text)
}

/** `CMD` or `NONE`, then a command in either form. */
export function parseHealthArguments(text: string): Arguments {
  const [, type = '', command = ''] = /^(\S*)\s*(.*)$/s.exec(text) ?? []
  if (type === '') return { words: [] }
  const { words, json = false } = parseJsonOrText(command)
  return { words: [type, ...words], json }
}

/**
 * `name=value …` with quotes left in, or the old `name value`. Gives name and value in turns.
 */
export function parsePairs(text: string, instruction: string): Arguments {
  const words = splitQuoted(text)
  const [first] = words
  if (first === undefined) return { words: [] }
  if (!first.includes('=')) {
    const [, name, value] = /^([^\t\v\f\r ]*)[\t\v\f\r ]+(.*)$/s.exec(text) ?? []
    if (name === undefined || value === undefined) {
      throw failure('invalid', `${instruction} must have two arguments`)
    }
    return { words: [name, value] }
  }
  return {
    words: words.flatMap((word) => {
      const sign = word.indexOf('=')
      if (sign >= 0) return [word.slice(0, sign), word.slice(sign + 1)]
      throw failure(
        'invalid',
        `Syntax error - can't find = in ${JSON.stringify(word)}. Must be of the form: name=value`,
      )
    }),
  }
}

/** Words with their quotes and escapes still in them; white space inside quotes or escaped does not split. */
function splitQuoted(text: string): readonly string[] {
  const word = /(?:\\.|'[^']*(?:'|$)|"(?:\\.|[^"\\])*(?:"|\\?$)|[^\s\\'"])+/gs
  return text.match(word) ?? []
}

/** undefined when the text is no JSON array at all, which makes it the shell form. */
function parseJson(text: string): Arguments | undefined {
  if (!text.startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  if (value.every((item) => typeof item === 'string')) return { words: value, json: true }
  throw failure('invalid', 'when using JSON array syntax, arrays must be comprised of strings only')
}
