export { CAPABILITIES, effectiveCapabilities } from './capabilities.ts'
export { openCgroups } from './cgroups/cgroups.ts'
export { CGROUP_MODES, type CgroupMode, type Cgroups } from './cgroups/contract.ts'
export { type ConfinedOpenOptions, openBeneath } from './confined-open.ts'
export { type ConntrackFilter, flushConntrack } from './conntrack.ts'
export { closeFd, createPipe, createSocketPair, duplicateFd, streamOf } from './descriptors.ts'
export { joinDevice, makeNode, splitDevice } from './devices.ts'
export { KernelError } from './errors.ts'
export { type FileTimes, setTimes, setTimesFd } from './file-times.ts'
export { filesystemType } from './filesystem-type.ts'
export { checkHost } from './host-checks.ts'
export { type HostFacts, probeHost } from './host-facts.ts'
export { ownLimits, type ResourceLimit } from './limits.ts'
export { isMountPoint, listMounts, type MountEntry, parseMountInfo } from './mount-table.ts'
export {
  type BindMountOptions,
  bindMount,
  type MountOptions,
  mount,
  PROPAGATIONS,
  type Propagation,
  syncFilesystem,
  type UnmountOptions,
  unmount,
  unmountSync,
} from './mounts.ts'
export { createNetns, inNetns, openNetns, removeNetns } from './netns.ts'
export { type Nft, NftError, openNft } from './nftables/ruleset.ts'
export {
  type NftElement,
  type NftElements,
  type NftSets,
  nftAddress,
  nftConcat,
  nftIfname,
  nftPort,
  nftProtocol,
  openNftSets,
} from './nftables/set-elements.ts'
export { mountOverlay, type OverlayOptions } from './overlay.ts'
export { openUdpTcpPair, type PortReservation, reservePort } from './ports.ts'
export {
  isProcessAlive,
  killProcess,
  openPidfd,
  pidfdSignal,
  processStartTime,
  setSubreaper,
} from './processes.ts'
export { openPty, setProcessWindowSize, setWindowSize, type WindowSize } from './pty.ts'
export type {
  AddressOptions,
  BridgeOptions,
  InterfaceOptions,
  Link,
  LinkAddress,
  LinkChange,
  Route,
  RouteOptions,
  Rtnetlink,
  RtnetlinkBatch,
  VethOptions,
} from './rtnetlink/contract.ts'
export { openRtnetlink } from './rtnetlink/rtnetlink.ts'
export { connectSeqpacket, type SeqpacketOptions } from './seqpacket.ts'
export { parseSignal, SIGNALS, signalName } from './signals.ts'
export {
  adoptChild,
  type ChildExit,
  type ChildProcess,
  type SpawnOptions,
  spawnProcess,
  spawnProcessAsync,
} from './spawn.ts'
export { readSysctl, writeSysctl } from './sysctl.ts'
export { startThreadPool } from './thread-pool.ts'
export { confineThread, type ThreadRoot } from './thread-root.ts'
export { type FollowOption, getXattr, listXattrs, type Path, removeXattr, setXattr } from './xattrs.ts'
