export type {
  AttachOptions,
  AttachSession,
  BlockCounter,
  CpuStats,
  ExecOptions,
  ExecProcess,
  ExitStatus,
  HostCpu,
  LogQuery,
  LogRecord,
  LogRotation,
  MemoryStats,
  NetworkCounters,
  OutputChunk,
  ReadLog,
  Runtime,
  StreamName,
  Task,
  TaskOptions,
  TaskStats,
  WindowSize,
} from './contract.ts'
export { readLog } from './log/log-reader.ts'
export { createRuntime, type RuntimeOptions } from './runtime.ts'
export { resolveCapabilities } from './spec/capabilities.ts'
export { buildExecProcess, type ExecProcessInput } from './spec/exec-process.ts'
export { DEFAULT_READONLY_PATHS, defaultMaskedPaths } from './spec/mounts.ts'
export { resolveResources } from './spec/resources.ts'
export { resolveLimits } from './spec/rlimits.ts'
export { parseSeccompProfile, type SeccompProfile } from './spec/seccomp-profile.ts'
export { buildSpec } from './spec/spec.ts'
export type { ResourceLimits, SpecInput } from './spec/spec-input.ts'
export { lookupUser } from './spec/user-lookup.ts'
export { readHostCpu } from './stats/host-cpu.ts'
