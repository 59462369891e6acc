import { randomInt } from 'node:crypto'
import { failure } from '../../base/index.ts'
import { ADJECTIVES, SURNAMES } from './name-words.ts'

const ALLOWED = '[a-zA-Z0-9][a-zA-Z0-9_.-]'
const NAME = new RegExp(`^${ALLOWED}+$`)

/** A name that nobody has: `merry_hopper`, with a number behind it when such names get scarce. */
export function generateName(isTaken: (name: string) => boolean): string {
  for (let range = 1; ; range = Math.min(range * 10, 2 ** 40)) {
    const pair = `${pick(ADJECTIVES)}_${pick(SURNAMES)}`
    const name = range === 1 ? pair : `${pair}${randomInt(range)}`
    if (!isTaken(name)) return name
  }
}

/** `invalid` with Docker's text. A valid name is a safe part of a path and of a host name. */
export function assertContainerName(name: string): void {
  if (NAME.test(name)) return
  throw failure('invalid', `Invalid container name (${name}), only ${ALLOWED} are allowed`)
}

function pick(words: readonly string[]): string {
  return words[randomInt(words.length)] ?? ''
}
