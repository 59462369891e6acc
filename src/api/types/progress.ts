/** One line of a progress stream (pull, push, load, import, build). */
export interface JSONMessage {
  readonly stream?: string
  readonly status?: string
  readonly progressDetail?: { readonly current?: number; readonly total?: number }
  readonly progress?: string
  readonly id?: string
  /** Ends the stream: what went wrong after the answer had begun. */
  readonly errorDetail?: { readonly code?: number; readonly message: string }
  readonly error?: string
  readonly aux?: unknown
}
