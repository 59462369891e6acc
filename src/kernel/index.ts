export { CAPABILITIES, effectiveCapabilities, type Limit, ownLimits } from './capabilities.ts'
export { type Cgroups, openCgroups } from './cgroups.ts'
export { confineThread, type ThreadRoot } from './confinement.ts'
export { type ConntrackQuery, flushConntrack } from './conntrack.ts'
export { KernelError } from './errors.ts'
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
} from './files.ts'
export { checkHost, type HostFacts, probeHost } from './host.ts'
export { closeFd } from './libc.ts'
export type { MountEntry } from './mountinfo.ts'
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
} from './mounts.ts'
export { createNetns, inNetns, openNetns, removeNetns, startThreadPool } from './netns.ts'
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
} from './nftables.ts'
export { type ProcessWatch, watchProcess } from './process-watch.ts'
export {
  isProcessAlive,
  killProcess,
  openPty,
  processStartTime,
  setProcessWindowSize,
  setSubreaper,
  setWindowSize,
  type TerminalSize,
} from './processes.ts'
export {
  type AddressRequest,
  type InterfaceRequest,
  type LinkChange,
  openRtnetlink,
  type RouteRequest,
  type Rtnetlink,
  type VethRequest,
} from './rtnetlink.ts'
export type { InterfaceAddress, Link, Route } from './rtnetlink-replies.ts'
export { parseSignal, SIGNALS } from './signals.ts'
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
} from './sockets.ts'
export { type ChildProcess, type ProcessExit, type SpawnOptions, spawnProcess } from './spawn.ts'
export { readSysctl, writeSysctl } from './sysctl.ts'
export { type ConsoleSocket, openConsoleSocket, streamOfTerminal } from './terminals.ts'
