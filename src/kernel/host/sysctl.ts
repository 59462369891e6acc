import { readFileSync, writeFileSync } from 'node:fs'
import { hasCode } from '../../base/index.ts'

/** Sets a kernel parameter of the calling thread's namespaces. A dot within a name's part is written as a slash. */
export function writeSysctl(name: string, value: string): void {
  writeFileSync(sysctlPath(name), value)
}

/** The parameter's value without its newline; undefined when this kernel has none of that name. */
export function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(sysctlPath(name), 'utf8').trim()
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    throw error
  }
}

/**
 * As sysctl(8) does: dots and slashes change places, so that `net.ipv4.conf.eth0/1.x` names interface eth0.1. Throws a
 * TypeError for a name that would lead elsewhere.
 */
export function sysctlPath(name: string): string {
  const parts = name.split('.').map((part) => part.replaceAll('/', '.'))
  if (parts.some((part) => part === '' || part === '.' || part === '..')) {
    throw new TypeError(`not the name of a kernel parameter: ${JSON.stringify(name)}`)
  }
  return `/proc/sys/${parts.join('/')}`
}
