/** What `info` and `version` tell about the host. */
export interface HostFacts {
  readonly kernelVersion: string
  /** PRETTY_NAME and VERSION_ID of /etc/os-release. */
  readonly osName: string
  readonly osVersion: string
  /** As uname prints it: `x86_64`, `aarch64`. */
  readonly architecture: string
  readonly cpus: number
  readonly memoryBytes: number
  readonly hostname: string
  readonly cgroupVersion: '1' | '2'
  readonly hasCapSysResource: boolean
  readonly seccomp: boolean
  readonly apparmor: boolean
  readonly selinux: boolean
  readonly memoryLimit: boolean
  readonly swapLimit: boolean
  readonly kernelMemoryTcp: boolean
  readonly oomKillDisable: boolean
  readonly cpuCfsPeriod: boolean
  readonly cpuCfsQuota: boolean
  readonly cpuShares: boolean
  readonly cpuSet: boolean
  readonly pidsLimit: boolean
  readonly blkioWeight: boolean
  readonly ipv4Forwarding: boolean
  readonly bridgeNfIptables: boolean
  readonly bridgeNfIp6tables: boolean
}

export declare function probeHost(): HostFacts
