import type { IncomingHttpHeaders } from 'node:http'
import { Readable } from 'node:stream'
import { failure } from '../../../base/index.ts'
import { type Codec, TypeMismatch } from '../json/codec.ts'
import { decodeRoot } from '../json/record.ts'
import { explainJson } from '../json/syntax.ts'
import type { Body } from './call.ts'

/** Bytes of a JSON body that are read at most. */
export const JSON_LIMIT = 8 << 20

export function createBody(source: Readable, headers: IncomingHttpHeaders): Body {
  const length = headers['transfer-encoding'] !== undefined ? undefined : Number(headers['content-length'] ?? 0)

  async function json<T>(codec: Codec<T>): Promise<T | undefined> {
    const contentType = headers['content-type'] ?? ''
    if (contentType === '' && length === 0) return undefined
    checkContentType(contentType)
    if (length === 0) return undefined
    return decodeJson(codec, await readAll(source))
  }

  return { length, json, stream: () => source }
}

/** The rest of a body whose bytes are here already. */
export function createReadBody(bytes: Buffer, headers: IncomingHttpHeaders): Body {
  return createBody(Readable.from(bytes.length > 0 ? [bytes] : [], { objectMode: false }), headers)
}

/** Decodes a document as Go's decoder would; a wrong type, a syntax error and trailing text are `invalid`. */
export function decodeJson<T>(codec: Codec<T>, bytes: Buffer): T | undefined {
  const text = bytes.toString('utf8')
  if (text.trim() === '') throw failure('invalid', 'invalid JSON: got EOF while reading request body')
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    const { message, trailing } = explainJson(text)
    throw failure('invalid', trailing ? 'unexpected content after JSON' : `invalid JSON: ${message}`, { cause })
  }
  try {
    return decodeRoot(codec, value)
  } catch (cause) {
    if (cause instanceof TypeMismatch) throw failure('invalid', `invalid JSON: ${cause.message}`, { cause })
    throw cause
  }
}

async function readAll(source: Readable): Promise<Buffer> {
  const chunks: Buffer[] = []
  let total = 0
  // Not destroyed when it is too long: the answer still goes out on the same connection.
  for await (const chunk of source.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    total += chunk.length
    if (total > JSON_LIMIT) throw failure('invalid', `request body too large: at most ${JSON_LIMIT} bytes are accepted`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks)
}

function checkContentType(header: string): void {
  const type = header.split(';', 1)[0]?.trim().toLowerCase() ?? ''
  if (type === 'application/json') return
  if (type === '') throw failure('invalid', `malformed Content-Type header (${header}): mime: no media type`)
  throw failure('invalid', `unsupported Content-Type header (${header}): must be 'application/json'`)
}
