import { failure } from '../base/index.ts'
import { familiarName, type Reference } from './reference.ts'

/**
 * Tells whether `docker images --filter reference=<pattern>` shows a reference: the pattern (Go's path.Match: `*` and
 * `?` stop at `/`, `[a-z]`, `[^a]`, `\` escapes) is tried on the short name with tag, then without. `invalid` with Go's
 * text for a broken pattern.
 */
export function createReferenceMatcher(pattern: string): (reference: Reference) => boolean {
  const tokens = tokenize([...pattern])
  return (reference) => matches(tokens, familiarName(reference)) || matches(tokens, reference.familiar)
}

/** A run of any characters but `/`, or a test of one character. */
type Token = 'star' | ((character: string) => boolean)

function tokenize(characters: readonly string[]): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < characters.length) {
    const character = characters[at++]
    if (character === '*') {
      if (tokens.at(-1) !== 'star') tokens.push('star')
    } else if (character === '?') {
      tokens.push((found) => found !== '/')
    } else if (character === '[') {
      const read = readClass(characters, at)
      tokens.push(read.test)
      at = read.next
    } else {
      const wanted = character === '\\' ? characters[at++] : character
      if (wanted === undefined) throw badPattern()
      tokens.push((found) => found === wanted)
    }
  }
  return tokens
}

function readClass(characters: readonly string[], start: number): { test: (c: string) => boolean; next: number } {
  const negated = characters[start] === '^'
  const ranges: (readonly [low: string, high: string])[] = []
  let at = negated ? start + 1 : start

  function bound(): string {
    if (characters[at] === '-' || characters[at] === ']') throw badPattern()
    if (characters[at] === '\\') at += 1
    const read = characters[at++]
    // A class that is not closed ends here too.
    if (read === undefined || at >= characters.length) throw badPattern()
    return read
  }

  while (characters[at] !== ']' || ranges.length === 0) {
    const low = bound()
    if (characters[at] !== '-') ranges.push([low, low])
    else {
      at += 1
      ranges.push([low, bound()])
    }
  }
  return { test: (found) => ranges.some(([low, high]) => low <= found && found <= high) !== negated, next: at + 1 }
}

/** Goes back to the last star only, which suffices because each part may match as early as it can. */
function matches(tokens: readonly Token[], name: string): boolean {
  const characters = [...name]
  let token = 0
  let at = 0
  let retry: { readonly token: number; at: number } | undefined
  for (;;) {
    const test = tokens[token]
    const character = characters[at]
    if (test === 'star') {
      token += 1
      retry = { token, at }
    } else if (test !== undefined && character !== undefined && test(character)) {
      token += 1
      at += 1
    } else if (test === undefined && character === undefined) {
      return true
    } else {
      const skipped = retry && characters[retry.at]
      if (!retry || skipped === undefined || skipped === '/') return false
      retry.at += 1
      token = retry.token
      at = retry.at
    }
  }
}

function badPattern(): Error {
  return failure('invalid', 'syntax error in pattern')
}
