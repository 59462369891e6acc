import { failure, messageOf } from '../../base/index.ts'

/** What Go's net and tls packages say for the codes of Node's errors; `at` is address and port. */
const REASONS: Readonly<Record<string, (at: string, host: string) => string>> = {
  ECONNREFUSED: (at) => `dial tcp ${at}: connect: connection refused`,
  EHOSTUNREACH: (at) => `dial tcp ${at}: connect: no route to host`,
  ENETUNREACH: (at) => `dial tcp ${at}: connect: network is unreachable`,
  ETIMEDOUT: (at) => `dial tcp ${at}: i/o timeout`,
  ENOTFOUND: (_at, host) => `dial tcp: lookup ${host}: no such host`,
  EAI_AGAIN: (_at, host) => `dial tcp: lookup ${host}: Temporary failure in name resolution`,
  ECONNRESET: () => 'EOF',
  EPIPE: () => 'write: broken pipe',
  EPROTO: () => 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_WRONG_VERSION_NUMBER: () => 'http: server gave HTTP response to HTTPS client',
  ERR_SSL_PACKET_LENGTH_TOO_LONG: () => 'http: server gave HTTP response to HTTPS client',
  CERT_HAS_EXPIRED: () => 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid',
  ERR_TLS_CERT_ALTNAME_INVALID: (_at, host) =>
    `tls: failed to verify certificate: x509: certificate is not valid for ${host}`,
  DEPTH_ZERO_SELF_SIGNED_CERT: unknownAuthority,
  SELF_SIGNED_CERT_IN_CHAIN: unknownAuthority,
  UNABLE_TO_VERIFY_LEAF_SIGNATURE: unknownAuthority,
  UNABLE_TO_GET_ISSUER_CERT_LOCALLY: unknownAuthority,
}

/** `Get "https://host/v2/": dial tcp …`, as `unavailable`. The query is left out: it may hold a signature. */
export function networkFailure(cause: unknown, { method, url }: { readonly method: string; readonly url: URL }): Error {
  const error = lastOf(cause)
  const code = 'code' in error ? String(error.code) : ''
  const port = url.port || (url.protocol === 'http:' ? '80' : '443')
  const address = 'address' in error ? String(error.address) : url.hostname
  const at = `${address.includes(':') && !address.startsWith('[') ? `[${address}]` : address}:${port}`
  const reason = REASONS[code]?.(at, url.hostname) ?? messageOf(error)
  return failure('unavailable', `${describeRequest(method, url)}: ${reason}`, { cause })
}

/** `Get "https://host/v2/"` */
export function describeRequest(method: string, url: URL): string {
  return `${method[0]}${method.slice(1).toLowerCase()} "${url.origin}${url.pathname}"`
}

/** Of several addresses that were tried the last one speaks for all. */
function lastOf(error: unknown): Error {
  if (error instanceof AggregateError && error.errors.length > 0) return lastOf(error.errors.at(-1))
  return error instanceof Error ? error : new Error(String(error))
}

function unknownAuthority(): string {
  return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
}
