import { failure } from '../base/index.ts'

const DEFAULT_KEYS = 'ctrl-p,ctrl-q'

/** Tells when the detach keys have been typed: the daemon then lets go of us, and that is no end of the container. */
export interface KeyWatcher {
  readonly typed: boolean
  feed(chunk: Uint8Array): void
}

/** Reads `ctrl-p,ctrl-q` or `a,b`; empty is the default. */
export function watchKeys(text: string): KeyWatcher {
  const codes = (text || DEFAULT_KEYS).split(',').map(codeOf)
  let matched = 0
  let typed = false
  return {
    get typed() {
      return typed
    },
    feed(chunk) {
      for (const byte of chunk) {
        if (byte === codes[matched]) matched += 1
        else matched = byte === codes[0] ? 1 : 0
        if (matched < codes.length) continue
        typed = true
        matched = 0
      }
    },
  }
}

function codeOf(key: string): number {
  if (key.length === 1) return key.charCodeAt(0)
  const control = /^ctrl-([a-z@[\\\]^_])$/.exec(key)?.[1]
  if (!control) throw failure('invalid', `invalid detach keys (${key}): Unknown character: '${key}'`)
  return control.toUpperCase().charCodeAt(0) & 0x1f
}
