export type { TlsOptions } from './http/server.ts'
export type { ListenTarget } from './listen.ts'
export { type ApiServer, type ApiServerOptions, createApiServer } from './server.ts'
