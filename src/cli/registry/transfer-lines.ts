import { failure } from '../../base/index.ts'

export interface TransferLine {
  readonly status?: string
  readonly id?: string
  readonly error?: string
  readonly progressDetail?: { readonly current?: number }
}

/** Prints the steps of a pull or push, without the figures in between. A line that tells of an error is thrown. */
export async function printTransfer(
  lines: AsyncIterable<TransferLine>,
  { write, quiet }: { readonly write: (text: string) => void; readonly quiet: boolean },
): Promise<void> {
  for await (const { status, id, error, progressDetail } of lines) {
    if (error) throw failure('internal', error)
    if (status && !quiet && progressDetail?.current === undefined) write(`${id ? `${id}: ` : ''}${status}\n`)
  }
}
