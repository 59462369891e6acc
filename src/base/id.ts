import { randomBytes } from 'node:crypto'

/** A new random 64-digit lower-case hex id, never all digits in its first 12 (a short id must not read as a number). */
export function newId(): string {
  for (;;) {
    const id = randomBytes(32).toString('hex')
    if (!/^\d{12}/.test(id)) return id
  }
}

export function shortId(id: string): string {
  return id.slice(0, 12)
}
