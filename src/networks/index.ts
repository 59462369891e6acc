export {
  type Attachment,
  type Endpoint,
  type Network,
  type NetworkEvent,
  type NetworkRequest,
  type Networks,
  type PortRequest,
  PROTOCOLS,
  type Protocol,
  type PublishedPort,
  type Sandbox,
  type SandboxRequest,
  type Subnet,
} from './contract.ts'
export { createNetworks, type NetworksOptions } from './networks.ts'
