export { createRegistryClient } from './client.ts'
export type { Credentials, RegistryClient, RegistrySettings, RemoteManifest, Repository } from './contract.ts'
