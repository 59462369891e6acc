import type { IncomingHttpHeaders } from 'node:http'
import type { Duplex, Readable } from 'node:stream'
import type { Codec } from '../json/codec.ts'
import type { Query } from './query.ts'

/** One request to one route. */
export interface Call {
  /** A value out of the path. */
  param(name: string): string
  readonly query: Query
  /** API version the client speaks: `1.41`. */
  readonly version: string
  readonly headers: IncomingHttpHeaders
  /** Fires when the client has gone or the server closes. */
  readonly signal: AbortSignal
  readonly body: Body
}

export interface Body {
  /** Length as declared: 0 when there is none, undefined when it comes in chunks. */
  readonly length: number | undefined
  /**
   * Reads and decodes JSON; undefined without a body. `invalid` with Go's texts for another content type, broken
   * JSON, wrong types, and more than 8 MiB.
   */
  json<T>(codec: Codec<T>): Promise<T | undefined>
  /** The bytes as they come. */
  stream(): Readable
}

/** What a handler answers. */
export type Reply =
  | { readonly kind: 'empty'; readonly status: number; readonly headers?: Readonly<Record<string, string>> }
  | { readonly kind: 'json'; readonly status: number; readonly value: unknown }
  | { readonly kind: 'text'; readonly text: string; readonly headers: Readonly<Record<string, string>> }
  | StreamReply
  | HijackReply

export interface StreamReply {
  readonly kind: 'stream'
  readonly contentType: string
  readonly chunks: AsyncIterable<Uint8Array | string>
  /** `at-once`: the head goes out before the first chunk; `with-first`: a failure before it is still an error answer. */
  readonly begin: 'at-once' | 'with-first'
  readonly headers?: Readonly<Record<string, string>>
}

/** The connection becomes raw bytes both ways. */
export interface HijackReply {
  readonly kind: 'hijack'
  readonly contentType: string
  /** Owns the connection until it settles; then the server closes it. */
  readonly run: (connection: Connection) => Promise<void>
}

/** A connection taken over from HTTP. */
export interface Connection {
  /** What the client sends, until it ends its side. To be iterated once. */
  readonly input: AsyncIterable<Buffer>
  /** Resolves when the client has room for more; rejects with `cancelled` when it has gone. */
  write(...parts: readonly Uint8Array[]): Promise<void>
  readonly stream: Duplex
  /** Fires when the connection is gone. */
  readonly signal: AbortSignal
}

export type Handler = (call: Call) => Reply | Promise<Reply>

export interface Route {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' | 'OPTIONS'
  /** `/containers/{name:.*}/json`: a name may hold slashes; `{id}` may not. */
  readonly path: string
  /** The first API version that has it. */
  readonly since?: string
  /** The client may ask for the raw connection with `Upgrade: tcp`. */
  readonly hijack?: boolean
  readonly handler: Handler
}

export function empty(status: number): Reply {
  return { kind: 'empty', status }
}

export function json(status: number, value: unknown): Reply {
  return { kind: 'json', status, value }
}
