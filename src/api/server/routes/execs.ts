import { failure, messageOf, SlipwayError } from '../../../base/index.ts'
import type { Terminal } from '../../../containers/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Call, empty, type HijackReply, json, type Reply, type Route } from '../http/call.ts'
import { atLeast } from '../http/version.ts'
import { encodeExec, execBody, execStartBody } from '../wire/exec.ts'
import { frame, hijackTerminal, streamType } from './terminal.ts'

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
    const { id, request } = containers.exec(param('id'))
    const multiplexed = !tty
    try {
      const options = { detach, tty, signal, ...(size && tty && atLeast(version, '1.42') && { size }) }
      const terminal: Terminal | undefined = await containers.startExec(id, options)
      return terminal ? hijackTerminal(terminal, { multiplexed, stdin: request.attachStdin, version }) : empty(200)
    } catch (error) {
      // A command that cannot run has run, as clients see it: they read why, and then its exit code.
      const hasRun = !detach && error instanceof SlipwayError && error.exitCode !== undefined
      if (!hasRun) throw error
      return explain(messageOf(error), { multiplexed, version })
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

function explain(message: string, options: { readonly multiplexed: boolean; readonly version: string }): HijackReply {
  const text = Buffer.from(`${message}\r\n`)
  return {
    kind: 'hijack',
    contentType: streamType(options),
    run: ({ write }) => write(options.multiplexed ? frame('stdout', text) : text),
  }
}
