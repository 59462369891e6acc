export type { ExtractOptions, PathStat } from './archive.contract.ts'
export type { CommitRequest } from './commit.contract.ts'
export { createContainers } from './containers.ts'
export {
  type AttachRequest,
  type Container,
  type ContainerConfig,
  type ContainerEvent,
  type ContainerFilter,
  type ContainerId,
  type ContainerState,
  type Containers,
  type CreateRequest,
  type Exec,
  type ExecRequest,
  type Exit,
  type HostConfig,
  type LogOptions,
  type MountPoint,
  type MountRequest,
  RESTART_POLICIES,
  type RestartPolicy,
  type StopOptions,
  type Terminal,
  WAIT_CONDITIONS,
  type WaitCondition,
} from './contract.ts'
export type { Health, HealthStatus, ProbeResult } from './health.contract.ts'
export type { ContainerDefaults, ContainersOptions } from './options.ts'
export type { ContainerStats, StatsOptions } from './stats.contract.ts'
export type { UpdateRequest } from './update.contract.ts'
