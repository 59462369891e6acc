import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex } from 'node:stream'
import { failure } from '../../../base/index.ts'
import { JSON_LIMIT } from './body.ts'

/**
 * Reads the body of a request that asked for an upgrade: Node leaves it on the socket. What follows the body stays
 * there. `invalid` when it is too long, broken or cut off.
 */
export async function readUpgradedBody(socket: Duplex, headers: IncomingHttpHeaders): Promise<Buffer> {
  const chunked = /\bchunked\b/i.test(headers['transfer-encoding'] ?? '')
  const length = Number(headers['content-length'] ?? 0)
  if (length > JSON_LIMIT) throw tooLarge()
  if (!chunked && !(length > 0)) return Buffer.alloc(0)
  const end = chunked ? findChunkedEnd : (bytes: Buffer) => (bytes.length >= length ? length : undefined)
  let bytes: Buffer = Buffer.alloc(0)
  for await (const chunk of socket.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes = Buffer.concat([bytes, chunk])
    const found = end(bytes)
    if (found !== undefined) {
      if (found < bytes.length) socket.unshift(bytes.subarray(found))
      const body = bytes.subarray(0, found)
      return chunked ? joinChunks(body) : body
    }
    if (bytes.length > JSON_LIMIT) throw tooLarge()
  }
  throw failure('invalid', 'invalid JSON: unexpected EOF')
}

/** Where the chunked body ends; undefined while it is not all there. */
function findChunkedEnd(bytes: Buffer): number | undefined {
  for (const { size, end } of chunksOf(bytes)) {
    if (size === 0) {
      const blank = bytes.indexOf('\r\n\r\n', end - 2)
      return blank < 0 ? undefined : blank + 4
    }
  }
  return undefined
}

function joinChunks(bytes: Buffer): Buffer {
  return Buffer.concat(Array.from(chunksOf(bytes), ({ data }) => data))
}

function* chunksOf(bytes: Buffer): Generator<{ size: number; data: Buffer; end: number }> {
  for (let at = 0; ; ) {
    const line = bytes.indexOf('\r\n', at)
    if (line < 0) {
      if (bytes.length - at > 4096) throw failure('invalid', 'malformed chunked encoding')
      return
    }
    const match = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(bytes.toString('latin1', at, line))
    if (!match) throw failure('invalid', 'malformed chunked encoding')
    const size = Number.parseInt(match[1] ?? '', 16)
    const start = line + 2
    yield { size, data: bytes.subarray(start, start + size), end: start }
    if (size === 0 || bytes.length < start + size + 2) return
    at = start + size + 2
  }
}

function tooLarge() {
  return failure('invalid', `request body too large: at most ${JSON_LIMIT} bytes are accepted`)
}
