import type { Client } from '../api/client/index.ts'
import type { Context } from './command.ts'

/** Tells the daemon the size of this terminal now and whenever it changes, until disposed. */
export function followSize(context: Context, path: string): Disposable {
  const { stdout, client } = context
  if (!stdout.isTTY) return { [Symbol.dispose]: () => {} }
  const send = (): void => void sendSize(client, path, stdout)
  send()
  stdout.on('resize', send)
  return { [Symbol.dispose]: () => void stdout.off('resize', send) }
}

/** A process that has just ended has no terminal any more: that is no failure of the command. */
async function sendSize(client: Client, path: string, { rows, columns }: NodeJS.WriteStream): Promise<void> {
  await client.json('POST', path, { query: { h: rows, w: columns } }).catch(() => {})
}
