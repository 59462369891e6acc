import { failure } from '../../../base/index.ts'

export const NEWEST_VERSION = '1.51'
export const OLDEST_VERSION = '1.24'

/** Whether API version `version` is `wanted` or newer; both as `1.41`. */
export function atLeast(version: string, wanted: string): boolean {
  return compareVersions(version, wanted) >= 0
}

/** The version a request speaks; the newest when its path names none. `invalid` outside of what is served. */
export function negotiateVersion(requested: string | undefined): string {
  const version = requested ?? NEWEST_VERSION
  if (!atLeast(version, OLDEST_VERSION)) {
    throw failure(
      'invalid',
      `client version ${version} is too old. Minimum supported API version is ${OLDEST_VERSION}, please upgrade your client to a newer version`,
    )
  }
  if (atLeast(NEWEST_VERSION, version)) return version
  throw failure('invalid', `client version ${version} is too new. Maximum supported API version is ${NEWEST_VERSION}`)
}

function compareVersions(left: string, right: string): number {
  const [a, b] = [left, right].map((version) => version.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < Math.max(a.length, b.length); index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference
  }
  return 0
}
