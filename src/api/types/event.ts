/** One line of `GET /events`. */
export interface EventMessage {
  /** Of containers and images only: the action, the actor's id and the image, for clients of old. */
  readonly status?: string
  readonly id?: string
  readonly from?: string
  readonly Type: string
  readonly Action: string
  readonly Actor: { readonly ID: string; readonly Attributes: Readonly<Record<string, string>> }
  readonly scope: string
  /** Unix time in seconds. */
  readonly time: number
  /** Unix time in nanoseconds, beyond the safe integers: keep it as text when it matters. */
  readonly timeNano: number
}
