/**
 * The closed set of error kinds. A kind says what a client should do, not what went wrong inside; each protocol
 * translates it once, in one total table. "Already exists" is a conflict here.
 */
export const KINDS = [
  'invalid',
  'unauthenticated',
  'forbidden',
  'not-found',
  'conflict',
  'not-modified',
  'rate-limited',
  'unsupported',
  'unavailable',
  'timeout',
  'cancelled',
  'corrupt',
  'internal',
] as const

export type Kind = (typeof KINDS)[number]

export interface ErrorDetail {
  readonly cause?: unknown
  /** One line that tells the person what to do about it. */
  readonly hint?: string
  /** The exit code a run or start would report for this failure (126, 127), where Docker defines one. */
  readonly exitCode?: number
}

/**
 * An expected failure. The outermost kind wins: whoever knows what a failure means to the caller wraps it and passes
 * the original as `cause`. Anything that is not a SlipwayError is a bug and is reported as `internal`.
 */
export class SlipwayError extends Error {
  readonly kind: Kind
  readonly hint: string | undefined
  readonly exitCode: number | undefined

  constructor(kind: Kind, message: string, detail: ErrorDetail = {}) {
    super(message, detail.cause === undefined ? undefined : { cause: detail.cause })
    this.name = 'SlipwayError'
    this.kind = kind
    this.hint = detail.hint
    this.exitCode = detail.exitCode
  }
}

/** Makes an expected failure, to be thrown by the caller: `throw failure('not-found', ...)`. */
export function failure(kind: Kind, message: string, detail?: ErrorDetail): SlipwayError {
  return new SlipwayError(kind, message, detail)
}

/** The kind of any thrown value; `internal` for what nobody expected. */
export function kindOf(error: unknown): Kind {
  if (error instanceof SlipwayError) return error.kind
  if (isAbortError(error)) return 'cancelled'
  return 'internal'
}

export function isKind(error: unknown, kind: Kind): boolean {
  return kindOf(error) === kind
}

/** True for a Node system error with that code, such as `ENOENT`; kernel errors carry the same `code`. */
export function hasCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

export function isAbortError(error: unknown): boolean {
  return error instanceof Error && error.name === 'AbortError'
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
