import { failure } from '../../../base/index.ts'

export type Token =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'open' | 'close' | 'pipe' | 'comma' | 'assign' | 'declare' | 'left' | 'right' | 'dot' }
  /** `.a` after a blank or at the start: a field of the present value. */
  | { readonly kind: 'field'; readonly value: string }
  /** `.a` right behind an operand: a field of that operand. */
  | { readonly kind: 'chain'; readonly value: string }
  | { readonly kind: 'variable' | 'word' | 'string'; readonly value: string }
  | { readonly kind: 'number'; readonly value: number }

const WHITE_LEFT = /[ \t\r\n]+$/
const WHITE_RIGHT = /^[ \t\r\n]+/

/** Cuts a Go template into text and the tokens of its actions; `{{-` and `-}}` trim, comments vanish. */
export function tokenize(template: string): readonly Token[] {
  const tokens: Token[] = []
  let rest = template
  let trimNext = false
  while (rest !== '') {
    const at = rest.indexOf('{{')
    let text = at < 0 ? rest : rest.slice(0, at)
    if (trimNext) text = text.replace(WHITE_RIGHT, '')
    const body = at < 0 ? '' : rest.slice(at + 2)
    const trimBefore = /^-\s/.test(body)
    if (trimBefore) text = text.replace(WHITE_LEFT, '')
    if (text !== '') tokens.push({ kind: 'text', value: text })
    if (at < 0) break
    const action = readAction(trimBefore ? body.slice(1) : body)
    tokens.push(...action.tokens)
    trimNext = action.trimAfter
    rest = action.rest
  }
  return tokens
}

const PATTERNS: readonly (readonly [RegExp, (match: string) => Token])[] = [
  [/^"(?:[^"\\\n]|\\.)*"/, (match) => ({ kind: 'string', value: JSON.parse(match.replaceAll("\\'", "'")) as string })],
  [/^`[^`]*`/, (match) => ({ kind: 'string', value: match.slice(1, -1) })],
  [
    /^'(?:[^'\\]|\\.)'/,
    (match) => ({ kind: 'number', value: match.slice(1, -1).replace(/^\\/, '').codePointAt(0) ?? 0 }),
  ],
  [/^[+-]?(?:0[xX][0-9a-fA-F]+|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/, (match) => ({ kind: 'number', value: Number(match) })],
  [/^:=/, () => ({ kind: 'declare' })],
  [/^=/, () => ({ kind: 'assign' })],
  [/^\|/, () => ({ kind: 'pipe' })],
  [/^,/, () => ({ kind: 'comma' })],
  [/^\(/, () => ({ kind: 'left' })],
  [/^\)/, () => ({ kind: 'right' })],
  [/^\$[\p{L}\p{N}_]*/u, (match) => ({ kind: 'variable', value: match })],
  [/^\.[\p{L}_][\p{L}\p{N}_]*/u, (match) => ({ kind: 'field', value: match.slice(1) })],
  [/^\./, () => ({ kind: 'dot' })],
  [/^[\p{L}_][\p{L}\p{N}_]*/u, (match) => ({ kind: 'word', value: match })],
]

function readAction(body: string): { tokens: Token[]; rest: string; trimAfter: boolean } {
  const comment = /^\s*\/\*[\s\S]*?\*\/(\s+-)?\}\}/.exec(body)
  if (comment) return { tokens: [], rest: body.slice(comment[0].length), trimAfter: comment[1] !== undefined }
  const tokens: Token[] = [{ kind: 'open' }]
  let rest = body
  for (;;) {
    const blank = /^[ \t\r\n]*/.exec(rest)?.[0] ?? ''
    rest = rest.slice(blank.length)
    const end = /^(-?)\}\}/.exec(rest)
    if (end && (end[1] === '' || blank !== '')) {
      tokens.push({ kind: 'close' })
      return { tokens, rest: rest.slice(end[0].length), trimAfter: end[1] === '-' }
    }
    if (rest === '') throw failure('invalid', 'template parsing error: template: :1: unclosed action')
    const { token, length } = readToken(rest)
    rest = rest.slice(length)
    tokens.push(token.kind === 'field' && blank === '' && canChain(tokens.at(-1)) ? { ...token, kind: 'chain' } : token)
  }
}

function canChain(previous: Token | undefined): boolean {
  return previous !== undefined && ['field', 'chain', 'variable', 'right'].includes(previous.kind)
}

function readToken(rest: string): { token: Token; length: number } {
  for (const [pattern, make] of PATTERNS) {
    const match = pattern.exec(rest)?.[0]
    if (match !== undefined) return { token: make(match), length: match.length }
  }
  throw failure('invalid', `template parsing error: template: :1: unexpected ${JSON.stringify(rest[0])} in command`)
}
