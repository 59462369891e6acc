import type { Route } from './call.ts'
import { atLeast } from './version.ts'

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

export interface Target {
  /** As in `/v1.41/info`; undefined when the path names none. */
  readonly version: string | undefined
  /** Decoded, without the version. */
  readonly path: string
}

export interface Router {
  /** The first route of the table that fits. */
  find(method: string, target: Target): Match | undefined
}

/** Splits off `/vX.YY` and decodes; undefined when the path is no proper URL path. */
export function parseTarget(rawPath: string): Target | undefined {
  try {
    const decoded = decodeURIComponent(rawPath)
    const match = /^\/v([0-9.]+)(\/.*)$/.exec(decoded)
    return match ? { version: match[1], path: match[2] ?? '/' } : { version: undefined, path: decoded }
  } catch {
    return undefined
  }
}

export function createRouter(routes: readonly Route[]): Router {
  const table = Map.groupBy(
    routes.map((route) => ({ route, pattern: compile(route.path) })),
    ({ route }) => key(route.method, route.path),
  )

  function find(method: string, { version, path }: Target): Match | undefined {
    const anywhere = table.get(`${method} {`) ?? []
    for (const { route, pattern } of [...(table.get(key(method, path)) ?? []), ...anywhere]) {
      const match = pattern.exec(path)
      if (match && (route.since === undefined || version === undefined || atLeast(version, route.since))) {
        return { route, params: { ...match.groups } }
      }
    }
    return undefined
  }

  return { find }
}

/** Routes are looked up by method and first part of the path, then tried in order. */
function key(method: string, path: string): string {
  const first = path.split('/', 2)[1] ?? ''
  return first.startsWith('{') ? `${method} {` : `${method} ${first}`
}

function compile(path: string): RegExp {
  const source = path
    .split(/(\{[^}]+\})/)
    .map((part) => {
      const [, name, pattern = '[^/]+'] = /^\{(\w+)(?::(.+))?\}$/.exec(part) ?? []
      return name === undefined ? part.replace(/[.*+?^$()|[\]\\]/g, '\\$&') : `(?<${name}>${pattern})`
    })
    .join('')
  return new RegExp(`^${source}$`, 's')
}
