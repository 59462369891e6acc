/** Body of every answer of 400 and more. `kind` is this engine's own; Docker's clients read `message` alone. */
export interface ErrorResponse {
  readonly message: string
  readonly kind?: string
}
