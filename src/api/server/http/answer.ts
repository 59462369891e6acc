import type { ServerResponse } from 'node:http'
import { failure } from '../../../base/index.ts'
import type { Reply, StreamReply } from './call.ts'

/** Writes every kind of answer but a hijacked connection. */
export async function answer(response: ServerResponse, reply: Exclude<Reply, { kind: 'hijack' }>): Promise<void> {
  switch (reply.kind) {
    case 'empty':
      response.statusCode = reply.status
      setHeaders(response, reply.headers)
      response.end()
      return
    case 'json':
      return sendBytes(response, { ...reply, text: `${stringify(reply.value)}\n`, type: 'application/json' })
    case 'text':
      setHeaders(response, reply.headers)
      return sendBytes(response, { status: 200, text: reply.text, type: 'text/plain; charset=utf-8' })
    case 'stream':
      return sendStream(response, reply)
    default:
      reply satisfies never
  }
}

function setHeaders(response: ServerResponse, headers: Readonly<Record<string, string>> = {}): void {
  for (const [name, value] of Object.entries(headers)) response.setHeader(name, value)
}

/** JSON with bigints as numbers of full precision. */
export function stringify(value: unknown): string {
  return JSON.stringify(value, (_key, inner: unknown) => (typeof inner === 'bigint' ? rawNumber(inner) : inner))
}

function rawNumber(value: bigint): unknown {
  return (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(String(value))
}

function sendBytes(
  response: ServerResponse,
  { status, text, type }: { readonly status: number; readonly text: string; readonly type: string },
): void {
  const bytes = Buffer.from(text)
  response.writeHead(status, { 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(response.req.method === 'HEAD' ? undefined : bytes)
}

async function sendStream(
  response: ServerResponse,
  { contentType, chunks, begin, headers }: StreamReply,
): Promise<void> {
  setHeaders(response, headers)
  response.setHeader('Content-Type', contentType)
  if (begin === 'at-once') response.flushHeaders()
  for await (const chunk of chunks) {
    if (response.destroyed) return
    if (!response.write(chunk)) await drained(response)
  }
  response.end()
}

/** Waits until the client takes more; `cancelled` when it has gone. */
async function drained(response: ServerResponse): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  const onClose = (): void => reject(failure('cancelled', 'the client has closed the connection'))
  response.once('drain', resolve)
  response.once('close', onClose)
  try {
    await promise
  } finally {
    response.off('drain', resolve)
    response.off('close', onClose)
  }
}
