import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

export interface HostFiles {
  readonly hosts: string
  readonly hostname: string
  readonly resolvConf: string
}

/**
 * Writes /etc/hosts, /etc/hostname and /etc/resolv.conf of a container into its folder, which is made when absent, and
 * answers their paths. In place: a running container sees the change through its bind mounts.
 */
export function writeHostFiles(folder: string, contents: HostFiles): HostFiles {
  mkdirSync(folder, { recursive: true, mode: 0o710 })
  const write = (name: string, content: string): string => {
    const path = join(folder, name)
    writeFileSync(path, content, { mode: 0o644 })
    return path
  }
  return {
    hosts: write('hosts', contents.hosts),
    hostname: write('hostname', contents.hostname),
    resolvConf: write('resolv.conf', contents.resolvConf),
  }
}
