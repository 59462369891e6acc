import { failure } from '../../base/index.ts'

/** Any run of characters, any one character, or a test for one. */
type Token = 'run' | 'one' | { readonly literal: string }

/**
 * The patterns of `${name#pattern}` and `${name/pattern/text}`: `*`, `?` and `\` before `*`, `?`, `\`, `}`, `/`. There
 * are no brackets, as in BuildKit. Matching takes time linear in the text, whatever the pattern.
 */
export type Wildcard = readonly Token[]

const LENGTH_LIMIT = 256

/** `invalid` with BuildKit's text for an escape of anything else. */
export function parseWildcard(pattern: string): Wildcard {
  const characters = [...pattern]
  if (characters.length > LENGTH_LIMIT) throw badPattern(pattern, `longer than ${LENGTH_LIMIT} characters`)
  const tokens: Token[] = []
  for (let at = 0; at < characters.length; at += 1) {
    const character = characters[at]!
    if (character === '*') tokens.push('run')
    else if (character === '?') tokens.push('one')
    else if (character !== '\\') tokens.push({ literal: character })
    else {
      at += 1
      const escaped = characters[at] ?? ''
      if (!['*', '?', '\\', '}', '/'].includes(escaped)) throw badPattern(pattern, `invalid escape '\\${escaped}'`)
      tokens.push({ literal: escaped })
    }
  }
  return tokens
}

/** Removes the shortest or the longest match at the beginning. */
export function trimStart(value: string, options: { readonly pattern: Wildcard; readonly longest: boolean }): string {
  const characters = [...value]
  const length = matchAtStart(characters, options)
  return length === undefined ? value : characters.slice(length).join('')
}

/** Removes the shortest or the longest match at the end. */
export function trimEnd(value: string, options: { readonly pattern: Wildcard; readonly longest: boolean }): string {
  const reversed = [...value].reverse()
  const length = matchAtStart(reversed, { ...options, pattern: options.pattern.toReversed() })
  return length === undefined ? value : reversed.slice(length).reverse().join('')
}

/**
 * Replaces the leftmost match, or all of them, each as long as possible. A match of nothing is none. Stops replacing
 * when the result has grown past `limit`.
 */
export function replaceMatches(
  value: string,
  options: { readonly pattern: Wildcard; readonly replacement: string; readonly all: boolean; readonly limit: number },
): string {
  const characters = [...value]
  const parts: string[] = []
  let at = 0
  for (let length = 0; length <= options.limit; ) {
    const found = findFrom(characters, { start: at, pattern: options.pattern })
    if (!found) break
    const kept = characters.slice(at, found.start).join('')
    parts.push(kept, options.replacement)
    length += kept.length + options.replacement.length
    at = found.end
    if (!options.all) break
  }
  parts.push(characters.slice(at).join(''))
  return parts.join('')
}

function matchAtStart(
  characters: readonly string[],
  { pattern, longest }: { readonly pattern: Wildcard; readonly longest: boolean },
): number | undefined {
  let states = entered(new Map([[0, 0]]), pattern)
  let best = states.has(pattern.length) ? 0 : undefined
  for (let at = 0; at < characters.length && states.size > 0; at += 1) {
    if (best !== undefined && !longest) return best
    states = step(states, { pattern, character: characters[at]! })
    if (states.has(pattern.length)) best = at + 1
  }
  return best
}

function findFrom(
  characters: readonly string[],
  { start, pattern }: { readonly start: number; readonly pattern: Wildcard },
): { readonly start: number; readonly end: number } | undefined {
  let states = new Map<number, number>()
  let found: { start: number; end: number } | undefined
  for (let at = start; at < characters.length; at += 1) {
    if (!found && !states.has(0)) states.set(0, at)
    states = step(entered(states, pattern), { pattern, character: characters[at]! })
    const began = states.get(pattern.length)
    if (began !== undefined && (!found || began <= found.start)) found = { start: began, end: at + 1 }
    if (!found) continue
    // Whatever began later than the match in hand can no longer be the leftmost one.
    for (const [state, origin] of states) if (origin > found.start) states.delete(state)
    if (states.size === 0) break
  }
  return found
}

/** States are positions in the pattern, each with the earliest place in the text where its match began. */
function step(
  states: ReadonlyMap<number, number>,
  { pattern, character }: { readonly pattern: Wildcard; readonly character: string },
): Map<number, number> {
  const next = new Map<number, number>()
  for (const [state, origin] of states) {
    const token = pattern[state]
    if (token === undefined) continue
    if (token === 'run') keepEarliest(next, { state, origin })
    else if (token === 'one' || token.literal === character) keepEarliest(next, { state: state + 1, origin })
  }
  return entered(next, pattern)
}

/** Adds the positions that are reached without a character: past every `*`. */
function entered(states: Map<number, number>, pattern: Wildcard): Map<number, number> {
  // A map visits what is added while it is walked.
  for (const [state, origin] of states) {
    if (pattern[state] === 'run') keepEarliest(states, { state: state + 1, origin })
  }
  return states
}

function keepEarliest(
  states: Map<number, number>,
  { state, origin }: { readonly state: number; readonly origin: number },
): void {
  const known = states.get(state)
  if (known === undefined || origin < known) states.set(state, origin)
}

function badPattern(pattern: string, reason: string): Error {
  return failure('invalid', `invalid pattern (${pattern.slice(0, LENGTH_LIMIT)}) in substitution: ${reason}`)
}
