import { failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Call, empty, type Reply, type Route } from '../http/call.ts'
import { encodePathStat } from '../wire/path-stat.ts'

const PATH = '/containers/{name:.*}/archive'

/** Routes that copy files into and out of containers. */
export function containerArchiveRoutes({ containers }: Engine): readonly Route[] {
  async function head(call: Call): Promise<Reply> {
    const stat = await containers.statPath(call.param('name'), readPath(call))
    return { kind: 'empty', status: 200, headers: describePath(encodePathStat(stat)) }
  }

  async function get(call: Call): Promise<Reply> {
    const { signal } = call
    const { stat, content } = await containers.packPath(call.param('name'), readPath(call), { signal })
    const headers = describePath(encodePathStat(stat))
    return { kind: 'stream', contentType: 'application/x-tar', chunks: content, begin: 'with-first', headers }
  }

  async function put(call: Call): Promise<Reply> {
    const { query, body, signal } = call
    await containers.unpackInto(call.param('name'), readPath(call), {
      content: body.stream(),
      copyOwner: query.flag('copyUIDGID'),
      keepTypes: query.flag('noOverwriteDirNonDir'),
      signal,
    })
    return empty(200)
  }

  return [
    { method: 'HEAD', path: PATH, handler: head },
    { method: 'GET', path: PATH, handler: get },
    { method: 'PUT', path: PATH, handler: put },
  ]
}

function describePath(stat: string): Readonly<Record<string, string>> {
  return { 'X-Docker-Container-Path-Stat': stat }
}

function readPath({ query }: Call): string {
  const path = query.text('path')
  // Docker's text has no space there.
  if (path === undefined) throw failure('invalid', 'bad parameter: pathcannot be empty')
  return path
}
