import { type Kind, kindOf, messageOf, SlipwayError } from '../../../base/index.ts'
import type { ErrorResponse } from '../../types/index.ts'

/** HTTP status of each kind, as Docker's clients know them. */
const STATUS: Readonly<Record<Kind, number>> = {
  invalid: 400,
  unauthenticated: 401,
  forbidden: 403,
  'not-found': 404,
  conflict: 409,
  'not-modified': 304,
  'rate-limited': 429,
  unsupported: 501,
  unavailable: 503,
  timeout: 500,
  cancelled: 500,
  corrupt: 500,
  internal: 500,
}

export function statusOf(error: unknown): number {
  return STATUS[kindOf(error)]
}

/** A bug: not a failure that somebody foresaw. */
export function isBug(error: unknown): boolean {
  return !(error instanceof SlipwayError) && kindOf(error) === 'internal'
}

export function errorBody(error: unknown): ErrorResponse {
  return { message: messageOf(error), kind: kindOf(error) }
}
