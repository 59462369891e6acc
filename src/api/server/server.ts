import type { Log } from '../../base/index.ts'
import type { Engine } from '../../engine-contract.ts'
import { commonHeaders } from './http/exchange.ts'
import { createRouter } from './http/router.ts'
import { createHttpServer, type HttpServer, type TlsOptions } from './http/server.ts'
import { type ListenTarget, listen } from './listen.ts'
import { createRoutes } from './routes/table.ts'

export interface ApiServerOptions {
  readonly engine: Engine
  readonly log: Log
}

/** The Engine API over HTTP, on any number of sockets. */
export interface ApiServer {
  /**
   * Begins to serve and tells the address as `-H` writes it. `unavailable` when somebody else has it, with one line
   * that says who.
   */
  listen(target: ListenTarget, options?: { readonly tls?: TlsOptions }): Promise<string>
  /**
   * Takes no more connections, ends streams of logs and events, and waits for other answers at most `grace`
   * milliseconds (default 5000). Socket files are removed.
   */
  close(options?: { readonly grace?: number }): Promise<void>
}

export function createApiServer({ engine, log }: ApiServerOptions): ApiServer {
  const router = createRouter(createRoutes(engine))
  const { version, experimental } = engine.facts
  const headers = commonHeaders({ version, experimental })
  const servers: HttpServer[] = []

  return {
    async listen(target, { tls } = {}) {
      const made = createHttpServer({ router, headers, log, ...(tls && { tls }) })
      // What it asks for first is seldom what it came for: by then the kernel has had its time.
      made.server.on('connection', () => engine.containers.prewarm())
      const address = await listen(made.server, target)
      servers.push(made)
      log.info({ address }, 'API is served')
      return address
    },
    async close({ grace = 5000 } = {}) {
      await Promise.all(servers.splice(0).map((made) => made.close({ grace })))
    },
  }
}
