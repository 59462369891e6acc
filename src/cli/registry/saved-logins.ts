import { mkdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { failure, hasCode, writeFileAtomic } from '../../base/index.ts'
import { parseReference } from '../../oci/index.ts'

/** Under which Docker's config.json keeps Docker Hub. */
export const HUB = 'https://index.docker.io/v1/'

interface Login {
  readonly auth?: string
  readonly identitytoken?: string
}

/** Docker's config.json of the person, with the logins in it; what else it holds stays as it is. */
export interface SavedLogins {
  readonly path: string
  get(server: string): Login | undefined
  /** Readable by the person alone; undefined forgets the login. */
  set(server: string, login: Login | undefined): void
}

/** `invalid` when the file is there and cannot be read. */
export function openSavedLogins(env: NodeJS.ProcessEnv): SavedLogins {
  const folder = env.DOCKER_CONFIG || join(env.HOME || '/root', '.docker')
  const path = join(folder, 'config.json')
  const config = readConfig(path)
  return {
    path,
    get: (server) => config.auths?.[server],
    set(server, login) {
      const { [server]: _old, ...others } = config.auths ?? {}
      const auths = login === undefined ? others : { ...others, [server]: login }
      mkdirSync(folder, { recursive: true, mode: 0o700 })
      writeFileAtomic(path, `${JSON.stringify({ ...config, auths }, undefined, '\t')}\n`, { mode: 0o600 })
    },
  }
}

/** The header with the login for the registry of an image; empty when there is none. */
export function authHeaders(image: string, env: NodeJS.ProcessEnv): Readonly<Record<string, string>> {
  const { domain } = parseReference(image)
  const login = openSavedLogins(env).get(domain === 'docker.io' ? HUB : domain)
  if (!login) return {}
  return { 'X-Registry-Auth': Buffer.from(JSON.stringify({ ...login, serveraddress: domain })).toString('base64url') }
}

function readConfig(path: string): { readonly auths?: Readonly<Record<string, Login>> } {
  try {
    const config: unknown = JSON.parse(readFileSync(path, 'utf8'))
    return typeof config === 'object' && config !== null ? config : {}
  } catch (cause) {
    if (hasCode(cause, 'ENOENT')) return {}
    throw failure('invalid', `error loading config file: ${path}: ${String(cause)}`, { cause })
  }
}
