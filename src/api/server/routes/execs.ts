import { failure, messageOf, SlipwayError } from '../../../base/index.ts'
import type { Terminal } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Call, type Connection, empty, json, type Reply, type Route } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { encodeExec, execBody, execStartBody } from '../wire/exec.ts'
import { frame, joinTerminal, streamType } from './terminal.ts'

export function execRoutes({ containers }: Engine): readonly Route[] {
  async function create({ param, version, body }: Call): Promise<Reply> {
    const wanted = await body.json(execBody)
    if (!wanted || wanted.cmd.length === 0) throw failure('invalid', 'No exec command specified')
    const { detachKeys, consoleSize, ...request } = wanted
    const id = await containers.createExec(param('name'), {
      ...request,
      ...(detachKeys !== '' && { detachKeys }),
      ...(consoleSize && atLeast(version, '1.42') && { consoleSize }),
    })
    return json(201, { Id: id })
  }

  async function start({ param, version, body, signal }: Call): Promise<Reply> {
    const { detach = false, tty = false, consoleSize: size } = (await body.json(execStartBody)) ?? {}
    const { id, request, state } = containers.exec(param('id'))
    const options = { detach, tty, signal, ...(size && tty && atLeast(version, '1.42') && { size }) }
    if (detach) {
      await containers.startExec(id, options)
      return empty(200)
    }
    if (state !== 'created') {
      throw failure(
        'conflict',
        `Error: Exec command ${id} ${state === 'running' ? 'is already running' : 'has already run'}`,
      )
    }
    const streams = { multiplexed: !tty, stdin: request.attachStdin, version }
    return {
      kind: 'hijack',
      contentType: streamType(streams),
      // The head of the answer must be gone before the first output: clients take the bare socket behind a buffered
      // reader, and what that has read together with the head is lost to them.
      run: async (connection) => {
        const terminal = await startOrExplain(connection, {
          ...streams,
          start: () => containers.startExec(id, options),
        })
        if (terminal) await joinTerminal(terminal, { ...streams, connection })
      },
    }
  }

  async function resize({ param, query }: Call): Promise<Reply> {
    const size = { rows: query.required32('h', 'resize height'), columns: query.required32('w', 'resize width') }
    await containers.resizeExec(param('id'), size)
    return empty(200)
  }

  return [
    { method: 'POST', path: '/containers/{name:.*}/exec', handler: create },
    { method: 'POST', path: '/exec/{id:.*}/start', hijack: true, handler: start },
    { method: 'POST', path: '/exec/{id:.*}/resize', handler: resize },
    {
      method: 'GET',
      path: '/exec/{id:.*}/json',
      handler: ({ param }) => json(200, encodeExec(containers.exec(param('id')))),
    },
  ]
}

/** A command that cannot run has run, as clients see it: they read why, and then its exit code. */
async function startOrExplain(
  { write }: Connection,
  { start, multiplexed }: { readonly start: () => Promise<Terminal | undefined>; readonly multiplexed: boolean },
): Promise<Terminal | undefined> {
  try {
    return await start()
  } catch (error) {
    if (!(error instanceof SlipwayError)) throw error
    const text = Buffer.from(`${messageOf(error)}\r\n`)
    await write(multiplexed ? frame('stdout', text) : text)
    return undefined
  }
}
