import { constants } from 'node:os'
import { failure } from '../../base/index.ts'

const REAL_TIME = /^RTM(?:IN(?:\+(?:[1-9]|1[0-5]))?|AX(?:-(?:[1-9]|1[0-4]))?)$/

/** `invalid` with Docker's text unless it is a number other than 0 or a name, with or without SIG, in any case. */
export function assertStopSignal(text: string): void {
  const name = text.toUpperCase().replace(/^SIG/, '')
  const known = Object.hasOwn(constants.signals, `SIG${name}`) || name === 'CLD' || REAL_TIME.test(name)
  const numbered = /^[-+]?[0-9]{1,9}$/.test(text) && Number(text) !== 0
  if (!known && !numbered) throw failure('invalid', `invalid signal: ${text}`)
}
