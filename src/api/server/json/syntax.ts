/**
 * Says what is wrong with a text that JSON.parse refuses, in the words of Go's encoding/json, which clients and their
 * users know. `trailing`: a whole value was read and something follows it.
 */
export function explainJson(text: string): { readonly message: string; readonly trailing: boolean } {
  const scanner: Scanner = { text, at: 0, open: [], expect: 'value' }
  while (scanner.expect !== 'end') {
    skipSpace(scanner)
    const problem = scanner.at < text.length ? STEPS[scanner.expect](scanner) : UNEXPECTED_END
    if (problem !== undefined) return { message: problem, trailing: false }
  }
  skipSpace(scanner)
  return { message: complain(scanner, 'after top-level value'), trailing: true }
}

type Expectation = 'value' | 'first value' | 'first key' | 'key' | 'colon' | 'member end' | 'element end'

interface Scanner {
  readonly text: string
  at: number
  /** Brackets not yet closed. */
  readonly open: ('{' | '[')[]
  expect: Expectation | 'end'
}

const UNEXPECTED_END = 'unexpected EOF'

/** Each reads one token and says what must follow; a text is the complaint. */
const STEPS: Readonly<Record<Expectation, (scanner: Scanner) => string | undefined>> = {
  value: readValue,
  'first value': (scanner) => (scanner.text[scanner.at] === ']' ? close(scanner) : readValue(scanner)),
  'first key': (scanner) => (scanner.text[scanner.at] === '}' ? close(scanner) : readKey(scanner)),
  key: readKey,
  colon(scanner) {
    if (scanner.text[scanner.at] !== ':') return complain(scanner, 'after object key')
    scanner.at += 1
    scanner.expect = 'value'
    return undefined
  },
  'member end': (scanner) => readEnd(scanner, { closing: '}', next: 'key', place: 'after object key:value pair' }),
  'element end': (scanner) => readEnd(scanner, { closing: ']', next: 'value', place: 'after array element' }),
}

const LITERALS: Readonly<Record<string, string>> = { t: 'true', f: 'false', n: 'null' }

function readValue(scanner: Scanner): string | undefined {
  const first = scanner.text[scanner.at] ?? ''
  if (first === '{' || first === '[') {
    scanner.open.push(first)
    scanner.at += 1
    scanner.expect = first === '{' ? 'first key' : 'first value'
    return undefined
  }
  const literal = LITERALS[first]
  const problem =
    first === '"'
      ? readString(scanner)
      : literal !== undefined
        ? readLiteral(scanner, literal)
        : /[-0-9]/.test(first)
          ? readNumber(scanner)
          : complain(scanner, 'looking for beginning of value')
  if (problem === undefined) leaveValue(scanner)
  return problem
}

function readKey(scanner: Scanner): string | undefined {
  if (scanner.text[scanner.at] !== '"') return complain(scanner, 'looking for beginning of object key string')
  scanner.expect = 'colon'
  return readString(scanner)
}

function readEnd(
  scanner: Scanner,
  { closing, next, place }: { readonly closing: string; readonly next: Expectation; readonly place: string },
): string | undefined {
  const found = scanner.text[scanner.at]
  if (found === closing) return close(scanner)
  if (found !== ',') return complain(scanner, place)
  scanner.at += 1
  scanner.expect = next
  return undefined
}

function close(scanner: Scanner): undefined {
  scanner.at += 1
  scanner.open.pop()
  leaveValue(scanner)
}

function leaveValue(scanner: Scanner): void {
  const inside = scanner.open.at(-1)
  scanner.expect = inside === undefined ? 'end' : inside === '{' ? 'member end' : 'element end'
}

function readString(scanner: Scanner): string | undefined {
  const { text } = scanner
  for (scanner.at += 1; scanner.at < text.length; scanner.at += 1) {
    const found = text[scanner.at] ?? ''
    if (found === '"') {
      scanner.at += 1
      return undefined
    }
    if (found < ' ') return complain(scanner, 'in string literal')
    if (found !== '\\') continue
    scanner.at += 1
    if (text[scanner.at] === 'u') {
      for (let digit = 0; digit < 4; digit += 1) {
        scanner.at += 1
        if (scanner.at >= text.length) return UNEXPECTED_END
        if (!/[0-9a-fA-F]/.test(text[scanner.at] ?? '')) return complain(scanner, 'in \\u hexadecimal character escape')
      }
    } else if (scanner.at < text.length && !'"\\/bfnrt'.includes(text[scanner.at] ?? '')) {
      return complain(scanner, 'in string escape code')
    }
  }
  return UNEXPECTED_END
}

function readLiteral(scanner: Scanner, literal: string): string | undefined {
  for (const [index, letter] of Array.from(literal).entries()) {
    if (scanner.at >= scanner.text.length) return UNEXPECTED_END
    if (scanner.text[scanner.at] !== letter) {
      return complain(
        scanner,
        index === 0 ? 'looking for beginning of value' : `in literal ${literal} (expecting '${letter}')`,
      )
    }
    scanner.at += 1
  }
  return undefined
}

function readNumber(scanner: Scanner): string | undefined {
  const digits = (place: string): string | undefined => {
    if (scanner.at >= scanner.text.length) return UNEXPECTED_END
    if (!/[0-9]/.test(scanner.text[scanner.at] ?? '')) return complain(scanner, place)
    while (/[0-9]/.test(scanner.text[scanner.at] ?? '')) scanner.at += 1
    return undefined
  }
  if (scanner.text[scanner.at] === '-') scanner.at += 1
  let problem: string | undefined
  if (scanner.text[scanner.at] === '0') scanner.at += 1
  else problem = digits('in numeric literal')
  if (problem === undefined && scanner.text[scanner.at] === '.') {
    scanner.at += 1
    problem = digits('after decimal point in numeric literal')
  }
  if (problem === undefined && /[eE]/.test(scanner.text[scanner.at] ?? '')) {
    scanner.at += 1
    if (/[-+]/.test(scanner.text[scanner.at] ?? '')) scanner.at += 1
    problem = digits('in exponent of numeric literal')
  }
  return problem
}

function skipSpace(scanner: Scanner): void {
  while (' \t\r\n'.includes(scanner.text[scanner.at] ?? 'x')) scanner.at += 1
}

function complain(scanner: Scanner, place: string): string {
  const found = scanner.text.codePointAt(scanner.at) ?? 0
  const shown = found === 0x27 ? `'\\''` : found === 0x22 ? `'"'` : quoteRune(found)
  return `invalid character ${shown} ${place}`
}

function quoteRune(code: number): string {
  const escapes: Readonly<Record<number, string>> = {
    7: 'a',
    8: 'b',
    9: 't',
    10: 'n',
    11: 'v',
    12: 'f',
    13: 'r',
    92: '\\',
  }
  const letter = escapes[code]
  if (letter !== undefined) return `'\\${letter}'`
  return code < 0x20 ? `'\\x${code.toString(16).padStart(2, '0')}'` : `'${String.fromCodePoint(code)}'`
}
