import { failure } from '../base/index.ts'
import { type AttachSession, type OutputChunk, readLog, type Task } from '../runtime/index.ts'
import type { Entry, Joiner } from './catalog.ts'
import type { AttachRequest, Terminal } from './contract.ts'
import { createDetachScanner } from './detach-keys.ts'
import { type Household, logPathOf } from './household.ts'
import { assertAllowed } from './states.ts'
import { createTerminal } from './terminal.ts'

/** A client's hold on the stdio of a container, running or about to be started. */
export async function attachEntry(
  household: Household,
  { entry, request }: { readonly entry: Entry; readonly request: AttachRequest },
): Promise<Terminal> {
  const { record } = entry
  const { status } = record.state
  if (status === 'paused')
    throw failure('conflict', `container ${entry.id} is paused, unpause the container before attach`)
  if (status === 'restarting') assertAllowed('exec', record)
  // A bad sequence of keys is refused before anything is held.
  createDetachScanner(request.detachKeys)
  household.announce('attach', entry)
  const wanted = { stdout: request.stdout, stderr: request.stderr }
  if (!request.stream) {
    return createTerminal({
      session: undefined,
      output: filterStreams(pastOutput(household, entry), wanted),
      scanner: undefined,
    })
  }
  const session = await openSession(entry, request)
  const live = request.logs ? replayThenFollow(household, { entry, request }) : session.output
  const scanner = record.config.tty ? createDetachScanner(request.detachKeys) : undefined
  const terminal = createTerminal({ session, output: filterStreams(live, wanted), scanner })
  void terminal.detached.then(() => household.announce('detach', entry))
  return terminal
}

/** Joins the task that runs, or the one that the next start will make. */
async function openSession({ task, record, joiners }: Entry, request: AttachRequest): Promise<AttachSession> {
  const options = {
    output: (request.stdout || request.stderr) && !request.logs,
    stdin: request.stdin && record.config.openStdin,
  }
  if (task) return await task.attach(options)
  const { promise, resolve } = Promise.withResolvers<AttachSession | undefined>()
  const joiner: Joiner = {
    join: async (started: Task) => resolve(await started.attach(options)),
    giveUp: () => resolve(undefined),
  }
  joiners.add(joiner)
  return sessionOf(promise, () => {
    joiners.delete(joiner)
    resolve(undefined)
  })
}

/** A session that is still to come: reading and writing wait for it; leaving ends the waiting. */
function sessionOf(coming: Promise<AttachSession | undefined>, leave: () => void): AttachSession {
  async function* output(): AsyncGenerator<OutputChunk> {
    const session = await coming
    if (session) yield* session.output
  }
  return {
    output: output(),
    write: async (data) => (await coming)?.write(data),
    endInput: async () => (await coming)?.endInput(),
    [Symbol.asyncDispose]: async () => {
      leave()
      await (await coming)?.[Symbol.asyncDispose]()
    },
  }
}

async function* pastOutput(household: Household, entry: Entry): AsyncGenerator<OutputChunk> {
  yield* readLog(logPathOf(household, entry.id), { stdout: true, stderr: true })
}

/** The log is one unbroken source: what was written, then what is being written. */
function replayThenFollow(
  household: Household,
  { entry, request }: { entry: Entry; request: AttachRequest },
): AsyncIterable<OutputChunk> {
  const ended = entry.task?.exited ?? Promise.resolve()
  const signal = request.signal ? { signal: request.signal } : {}
  return readLog(logPathOf(household, entry.id), { stdout: true, stderr: true, follow: { ended }, ...signal })
}

async function* filterStreams(
  source: AsyncIterable<OutputChunk>,
  wanted: Readonly<Record<OutputChunk['stream'], boolean>>,
): AsyncGenerator<OutputChunk> {
  for await (const chunk of source) if (wanted[chunk.stream]) yield chunk
}
