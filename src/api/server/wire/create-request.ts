import { isDeepStrictEqual } from 'node:util'
import { failure } from '../../../base/index.ts'
import type { ContainerConfig, CreateRequest } from '../../../containers/index.ts'
import type { EngineFacts } from '../../../engine-contract.ts'
import type { Attachment } from '../../../networks/index.ts'
import { decodeRoot, embedded, field, record } from '../json/record.ts'
import { containerConfig } from './container-config.ts'
import { applyVersion } from './create-version.ts'
import { attachmentOf, type EndpointRequest, networkingConfig } from './endpoint.ts'
import { type ForeignFields, foreignFields, refuseForeignFields } from './foreign-fields.ts'
import { hostConfig, type WireHostConfig } from './host-config.ts'
import { readPortBindings } from './ports.ts'
import { verifyRestartPolicy } from './restart-policy.ts'

/** The body of create as it was sent, before it is made to mean what its API version says. */
export interface CreateBody {
  readonly config: ContainerConfig
  readonly host: WireHostConfig
  readonly foreign: ForeignFields
  readonly networking: { readonly endpoints: Readonly<Record<string, EndpointRequest>> }
}

export const createBody = record<CreateBody>('container.CreateRequest', {
  config: embedded(containerConfig),
  host: field('HostConfig', hostConfig, initialOf(hostConfig)),
  foreign: field('HostConfig', foreignFields, initialOf(foreignFields)),
  networking: field('NetworkingConfig', networkingConfig, initialOf(networkingConfig)),
})

/**
 * Turns the body of create into a request to the room. Fields that this engine refuses are `invalid` by name; what
 * older API versions meant otherwise is translated, with Docker's warnings.
 */
export function readCreateRequest(
  body: CreateBody,
  options: {
    readonly name: string | undefined
    readonly version: string
    readonly facts: Pick<EngineFacts, 'cgroupVersion' | 'loggingDriver' | 'logDrivers'>
  },
): { readonly request: CreateRequest; readonly warnings: readonly string[] } {
  if (isDeepStrictEqual(body.config, initialOf(containerConfig))) {
    throw failure('invalid', 'config cannot be empty in order to create a container')
  }
  refuseForeignFields(body.foreign)
  refuseHostConfig(body.host)
  const { version, facts } = options
  const wanted = applyVersion(withDefaultNetwork(body), { version, cgroupVersion: facts.cgroupVersion })
  const { config, host, endpoints, warnings } = wanted
  return {
    request: {
      name: options.name?.replace(/^\//, ''),
      config,
      host: { ...host, ...readPortBindings(host.portBindings), logConfig: readLogConfig(host.logConfig, facts) },
      attachments: listAttachments(endpoints, host.networkMode),
    },
    warnings,
  }
}

/** `default`, on the wire, is the name of the default network whatever the platform calls it. */
function withDefaultNetwork({ config, host, networking }: CreateBody) {
  if (host.networkMode !== '' && host.networkMode !== 'default') {
    return { config, host, endpoints: networking.endpoints }
  }
  const { default: renamed, ...others } = networking.endpoints
  return {
    config,
    host: { ...host, networkMode: 'bridge' },
    endpoints: renamed ? { ...others, bridge: renamed } : networking.endpoints,
  }
}

function readLogConfig(
  { type, config }: WireHostConfig['logConfig'],
  { loggingDriver, logDrivers }: Pick<EngineFacts, 'loggingDriver' | 'logDrivers'>,
): WireHostConfig['logConfig'] {
  const driver = type || loggingDriver
  if (logDrivers.includes(driver)) return { type: driver, config }
  throw failure('invalid', `logger: no log driver named '${driver}' is registered`)
}

/** The one with the highest priority gives the default route; among equals the network that the container runs in. */
function listAttachments(
  endpoints: Readonly<Record<string, EndpointRequest>>,
  networkMode: string,
): readonly Attachment[] {
  return Object.entries(endpoints)
    .toSorted(
      ([one, { gatewayPriority: a }], [other, { gatewayPriority: b }]) =>
        b - a || Number(other === networkMode) - Number(one === networkMode) || (one < other ? -1 : 1),
    )
    .map(([network, endpoint]) => attachmentOf(network, endpoint))
}

function refuseHostConfig({ isolation, restartPolicy, sysctls, annotations }: WireHostConfig): void {
  if (isolation !== '' && isolation !== 'default') {
    throw failure('invalid', `invalid isolation (${isolation}): linux only supports 'default'`)
  }
  verifyRestartPolicy(restartPolicy)
  const ofInterface = Object.keys(sysctls).find((key) => /^net\.[^.]+\.[^.]+\.eth[^.]*\./.test(key))
  if (ofInterface !== undefined) {
    throw failure(
      'invalid',
      `interface specific sysctl setting ${JSON.stringify(ofInterface)} must be supplied using driver option 'com.docker.network.endpoint.sysctls'`,
    )
  }
  if (Object.hasOwn(annotations, '')) {
    throw failure('invalid', 'invalid Annotations: the empty string is not permitted as an annotation key')
  }
}

function initialOf<T>(codec: Parameters<typeof decodeRoot<T>>[0]): T {
  return decodeRoot(codec, {}) as T
}
