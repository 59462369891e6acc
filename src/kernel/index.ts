export { type Cgroups, openCgroups } from './cgroups/cgroups.ts'
export {
  type FileTimes,
  filesystemType,
  getXattr,
  listXattrs,
  makeNode,
  openBeneath,
  removeXattr,
  setTimes,
  setTimesFd,
  setXattr,
  splitDevice,
  tryLockFile,
} from './files/files.ts'
export { confineThread, type ThreadRoot } from './files/thread-root.ts'
export { CAPABILITIES, effectiveCapabilities, type Limit, ownLimits } from './host/capabilities.ts'
export { checkHost, type HostFacts, probeHost } from './host/host.ts'
export type { MountEntry } from './mounts/mountinfo.ts'
export {
  bindMount,
  isMountPoint,
  listMounts,
  MS,
  mount,
  mountOverlay,
  type OverlayOptions,
  type Propagation,
  setPropagation,
  syncFilesystem,
  unmount,
  unmountSync,
} from './mounts/mounts.ts'
export { KernelError } from './native/errors.ts'
export { closeFd } from './native/libc.ts'
export { type ConntrackQuery, flushConntrack } from './network/conntrack.ts'
export { createNetns, inNetns, openNetns, removeNetns, startThreadPool } from './network/netns.ts'
export {
  type Nft,
  type NftElement,
  type NftElements,
  NftError,
  type NftFamily,
  type NftSets,
  nftConcat,
  nftIfname,
  openNft,
  openNftSets,
} from './network/nftables.ts'
export {
  type AddressRequest,
  type InterfaceRequest,
  type LinkChange,
  openRtnetlink,
  type RouteRequest,
  type Rtnetlink,
  type VethRequest,
} from './network/rtnetlink.ts'
export type { InterfaceAddress, Link, Route } from './network/rtnetlink-replies.ts'
export { readSysctl, writeSysctl } from './network/sysctl.ts'
export { type ProcessWatch, watchProcess } from './processes/process-watch.ts'
export {
  isProcessAlive,
  killProcess,
  openPty,
  processStartTime,
  setProcessWindowSize,
  setSubreaper,
  setWindowSize,
  type TerminalSize,
} from './processes/processes.ts'
export { parseSignal, SIGNALS } from './processes/signals.ts'
export { type ChildProcess, type ProcessExit, type SpawnOptions, spawnProcess } from './processes/spawn.ts'
export { type ConsoleSocket, openConsoleSocket, streamOfTerminal } from './processes/terminals.ts'
export {
  connectSeqpacket,
  createPipe,
  createSocketPair,
  duplicateFd,
  openUdpTcpPair,
  reservePort,
  type SeqpacketOptions,
  streamOf,
  type TransportProtocol,
} from './streams/sockets.ts'
