import type { Credentials } from '../../../registry/client/index.ts'
import { text } from '../json/codec.ts'
import { decodeRoot, field, record } from '../json/record.ts'

/** Docker's AuthConfig. */
export const authConfig = record('registry.AuthConfig', {
  username: field('username', text, ''),
  password: field('password', text, ''),
  /** Name and password in one, in base64. */
  auth: field('auth', text, ''),
  serverAddress: field('serveraddress', text, ''),
  identityToken: field('identitytoken', text, ''),
  registryToken: field('registrytoken', text, ''),
})

type AuthConfig = NonNullable<ReturnType<typeof authConfig.decode>>

export function toCredentials(config: AuthConfig): Credentials {
  const [, name = '', secret = ''] = /^([^:]*):(.*)$/s.exec(Buffer.from(config.auth, 'base64').toString()) ?? []
  return {
    username: config.username || name,
    password: config.password || secret,
    identityToken: config.identityToken,
    registryToken: config.registryToken,
  }
}

/** Reads `X-Registry-Auth`; what cannot be read counts as nothing, as with Docker. */
export function readCredentials(header: string | readonly string[] | undefined): Credentials | undefined {
  if (typeof header !== 'string' || header === '') return undefined
  try {
    const config = decodeRoot(authConfig, JSON.parse(Buffer.from(header, 'base64url').toString()))
    return config && toCredentials(config)
  } catch {
    return undefined
  }
}
