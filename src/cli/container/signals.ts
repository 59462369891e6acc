import type { Context } from '../command.ts'

/** Signals meant for the work; those about this process itself (SIGCHLD, SIGPIPE, SIGWINCH) are not. */
const PASSED = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT'] as const

/** Hands the signals that reach this process to the container, until disposed. */
export function proxySignals({ client }: Context, id: string): Disposable {
  const listeners = PASSED.map((signal) => {
    // The container may have ended meanwhile; then nobody is there to be told.
    const send = (): void => void client.json('POST', `/containers/${id}/kill`, { query: { signal } }).catch(() => {})
    process.on(signal, send)
    return { signal, send }
  })
  return {
    [Symbol.dispose]: () => {
      for (const { signal, send } of listeners) process.off(signal, send)
    },
  }
}
