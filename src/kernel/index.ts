export { type Cgroups, openCgroups } from './cgroups/cgroups.ts'
export { tryLockFile } from './files/lock.ts'
export { makeNode, splitDevice } from './files/nodes.ts'
export { openBeneath } from './files/open-beneath.ts'
export { confineThread, type ThreadRoot } from './files/thread-root.ts'
export { type FileTimes, setTimes, setTimesFd } from './files/times.ts'
export { getXattr, listXattrs, setXattr } from './files/xattrs.ts'
export { CAPABILITIES, effectiveCapabilities } from './host/capabilities.ts'
export { checkHost } from './host/checks.ts'
export { type HostFacts, probeHost } from './host/facts.ts'
export { type Limit, ownLimits } from './host/limits.ts'
export { readSysctl, writeSysctl } from './host/sysctl.ts'
export { filesystemType, syncFilesystem } from './mounts/filesystem.ts'
export type { MountEntry } from './mounts/mountinfo.ts'
export {
  bindMount,
  isMountPoint,
  listMounts,
  type MountOptions,
  MS,
  mount,
  type Propagation,
  setPropagation,
  type UnmountOptions,
  unmount,
  unmountSync,
} from './mounts/mounts.ts'
export { mountOverlay, type OverlayOptions } from './mounts/overlay.ts'
export { closeFd, duplicateFd } from './native/fd.ts'

export { type ConntrackQuery, flushConntrack } from './network/conntrack.ts'
export { createNetns, inNetns, openNetns, removeNetns, startThreadPool } from './network/netns.ts'
export { type Nft, NftError, openNft } from './network/nft.ts'
export {
  type NftElement,
  type NftElements,
  type NftFamily,
  type NftSets,
  nftConcat,
  nftIfname,
  openNftSets,
} from './network/nft-sets.ts'
export {
  type BoundPort,
  openUdpTcpPair,
  type PortAddress,
  reservePort,
  type TransportProtocol,
} from './network/ports.ts'
export { type InterfaceRequest, openRtnetlink, type Rtnetlink } from './network/rtnetlink.ts'
export type { InterfaceAddress, Link, Route } from './network/rtnetlink-replies.ts'
export type {
  AddressRequest,
  BridgeRequest,
  LinkChange,
  RouteRequest,
  VethRequest,
} from './network/rtnetlink-requests.ts'
export { type ConsoleSocket, openConsoleSocket } from './processes/console-socket.ts'
export { type ProcessWatch, watchProcess } from './processes/process-watch.ts'
export { isProcessAlive, killProcess, processStartTime } from './processes/processes.ts'
export { openPty, type Pty, setProcessWindowSize, setWindowSize, type TerminalSize } from './processes/pty.ts'
export { parseSignal } from './processes/signals.ts'
export { type ChildProcess, type SpawnOptions, spawnProcess } from './processes/spawn.ts'
export { streamOfTerminal } from './processes/terminal-stream.ts'
export type { ProcessExit } from './processes/wait-status.ts'
export { createPipe, createSocketPair, streamOf } from './streams/pipes.ts'
export type { OnRead } from './streams/polled-fd.ts'
export { connectSeqpacket, type SeqpacketOptions } from './streams/seqpacket.ts'
