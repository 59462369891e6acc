import { failure } from '../base/index.ts'

const DEFAULT_KEYS = 'ctrl-p,ctrl-q'

export interface DetachScanner {
  /** What may go on to the container, and whether the keys were typed; nothing behind them is forwarded. */
  feed(chunk: Uint8Array): { readonly forward: Buffer; readonly detached: boolean }
}

/**
 * Finds the detach keys in what is typed. Bytes that may be their beginning are held back and forwarded when it turns
 * out that they are not. `invalid` for keys that cannot be read; undefined or empty are the default ones.
 */
export function createDetachScanner(keys: string | undefined): DetachScanner {
  const codes = parseDetachKeys(keys || DEFAULT_KEYS)
  let matched = 0
  return {
    feed(chunk) {
      const forward: number[] = []
      for (const byte of chunk) {
        if (byte === codes[matched]) {
          matched += 1
          if (matched === codes.length) {
            matched = 0
            return { forward: Buffer.from(forward), detached: true }
          }
          continue
        }
        const kept = longestBeginning([...codes.slice(0, matched), byte], codes)
        forward.push(...[...codes.slice(0, matched), byte].slice(0, matched + 1 - kept))
        matched = kept
      }
      return { forward: Buffer.from(forward), detached: false }
    },
  }
}

/** How many bytes at the end of `typed` are a beginning of the keys. */
function longestBeginning(typed: readonly number[], codes: readonly number[]): number {
  for (let length = Math.min(typed.length, codes.length - 1); length > 0; length -= 1) {
    if (typed.slice(-length).every((byte, index) => byte === codes[index])) return length
  }
  return 0
}

/** `ctrl-p,ctrl-q`, `a,b`, `DEL`: the bytes that a terminal sends for them. */
function parseDetachKeys(text: string): readonly number[] {
  return text.split(',').map((key) => {
    if (Buffer.byteLength(key) === 1) return key.charCodeAt(0)
    if (key === 'DEL') return 0x7f
    const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1]
    if (control !== undefined) return control.toUpperCase().charCodeAt(0) & 0x1f
    throw failure('invalid', `Invalid detach keys (${text}) provided`)
  })
}
