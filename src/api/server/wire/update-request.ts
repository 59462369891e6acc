import { failure } from '../../../base/index.ts'
import type { RestartPolicy, UpdateRequest } from '../../../containers/index.ts'
import type { ResourceLimits } from '../../../runtime/index.ts'
import { int64, text } from '../json/codec.ts'
import { embedded, field, optional, record } from '../json/record.ts'
import { type ForeignFields, foreignFields, refuseForeignFields } from './foreign-fields.ts'
import { restartPolicy } from './host-config.ts'
import { resources } from './resources.ts'
import { verifyRestartPolicy } from './restart-policy.ts'

/** The body of update as it was sent. */
interface UpdateBody {
  readonly limits: ResourceLimits
  readonly foreign: ForeignFields
  /** As sent: 0 and less take the limit away. */
  readonly pidsLimit: number | undefined
  readonly restartPolicy: RestartPolicy
  /** Says whether the policy is to change at all. */
  readonly policyName: { readonly name: string }
}

export const updateBody = record<UpdateBody>('container.UpdateConfig', {
  limits: embedded(resources),
  foreign: embedded(foreignFields),
  pidsLimit: optional('PidsLimit', int64),
  restartPolicy: field('RestartPolicy', restartPolicy, { name: 'no', maximumRetryCount: 0 }),
  policyName: field('RestartPolicy', record('container.RestartPolicy', { name: field('Name', text, '') }), {
    name: '',
  }),
})

/** Turns the body of update into a request to the room. `invalid` by name for what this engine refuses. */
export function readUpdateRequest(body: UpdateBody | undefined): UpdateRequest {
  if (!body) throw failure('invalid', 'invalid JSON: got EOF while reading request body')
  refuseForeignFields(body.foreign)
  const policy = body.policyName.name === '' ? undefined : body.restartPolicy
  if (policy) verifyRestartPolicy(policy)
  return {
    limits: body.limits,
    withoutPidsLimit: body.pidsLimit !== undefined && body.pidsLimit <= 0,
    restartPolicy: policy,
  }
}
