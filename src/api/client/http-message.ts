import type { Socket } from 'node:net'
import { failure } from '../../base/index.ts'

/** Response headers end within this many bytes, or the answer is refused. */
const HEAD_LIMIT = 64 * 1024

export interface ResponseHead {
  readonly status: number
  /** Lower-case names; of repeated headers the last one. */
  readonly headers: Readonly<Record<string, string>>
}

/**
 * Reads one HTTP/1.1 answer from a socket. Node's own client costs more to load than a whole `ps` takes, and hides the
 * bytes that follow a 101; this one reads what a daemon sends and nothing more.
 */
export interface ResponseReader {
  head(): Promise<ResponseHead>
  /** The body, decoded from chunks or cut at Content-Length, else up to the end of the connection. */
  body(): AsyncGenerator<Buffer>
  /** What arrived behind the head and has not been read: the first bytes of a hijacked stream. */
  rest(): Buffer
}

export function readResponse(socket: Socket): ResponseReader {
  const chunks = socket.iterator({ destroyOnReturn: false })
  let buffer: Buffer = Buffer.alloc(0)
  let parsed: ResponseHead | undefined

  async function more(): Promise<boolean> {
    const next = await chunks.next()
    if (next.done) return false
    buffer = buffer.length === 0 ? (next.value as Buffer) : Buffer.concat([buffer, next.value as Buffer])
    return true
  }

  async function takeUntil(mark: string, what: string): Promise<string> {
    for (let from = 0; ; ) {
      const at = buffer.indexOf(mark, from)
      if (at >= 0) {
        const text = buffer.toString('latin1', 0, at)
        buffer = buffer.subarray(at + mark.length)
        return text
      }
      if (buffer.length > HEAD_LIMIT)
        throw failure('invalid', `the daemon sent a ${what} of more than ${HEAD_LIMIT} bytes`)
      from = Math.max(0, buffer.length - mark.length)
      if (!(await more())) throw failure('unavailable', 'the daemon closed the connection without a complete answer')
    }
  }

  async function head(): Promise<ResponseHead> {
    parsed ??= parseHead(await takeUntil('\r\n\r\n', 'head'))
    return parsed
  }

  async function* take(length: number): AsyncGenerator<Buffer> {
    let left = length
    while (left > 0) {
      if (buffer.length === 0 && !(await more())) throw failure('unavailable', 'unexpected EOF')
      const part = buffer.subarray(0, left)
      buffer = buffer.subarray(part.length)
      left -= part.length
      yield part
    }
  }

  async function* takeChunked(): AsyncGenerator<Buffer> {
    for (;;) {
      const line = await takeUntil('\r\n', 'chunk size')
      const size = Number.parseInt(line, 16)
      if (!(size >= 0)) throw failure('invalid', `the daemon sent a chunk of size ${JSON.stringify(line.slice(0, 40))}`)
      if (size > 0) yield* take(size)
      // The last chunk is followed by trailers, of which we expect none, and an empty line.
      await takeUntil('\r\n', 'chunk end')
      if (size === 0) return
    }
  }

  async function* takeAll(): AsyncGenerator<Buffer> {
    do {
      if (buffer.length > 0) {
        const part = buffer
        buffer = Buffer.alloc(0)
        yield part
      }
    } while (await more())
  }

  async function* body(): AsyncGenerator<Buffer> {
    const { status, headers } = await head()
    if (status === 204 || status === 304) return
    if (headers['transfer-encoding']?.toLowerCase() === 'chunked') yield* takeChunked()
    else if (headers['content-length'] !== undefined) yield* take(Number(headers['content-length']))
    else yield* takeAll()
  }

  return {
    head,
    body,
    rest: () => {
      const part = buffer
      buffer = Buffer.alloc(0)
      return part
    },
  }
}

function parseHead(text: string): ResponseHead {
  const [first = '', ...lines] = text.split('\r\n')
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1]
  if (!status) {
    throw failure('invalid', `not an answer of a daemon: ${JSON.stringify(first.slice(0, 80))}`, {
      hint: 'is the port served with TLS? then use --tls',
    })
  }
  const headers: Record<string, string> = {}
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon > 0) headers[line.slice(0, colon).toLowerCase()] = line.slice(colon + 1).trim()
  }
  return { status: Number(status), headers }
}
