import { failure } from '../../../base/index.ts'
import type { RestartPolicy } from '../../../containers/index.ts'

/** `invalid` with Docker's text for a number of attempts that does not go with the policy. */
export function verifyRestartPolicy({ name, maximumRetryCount }: RestartPolicy): void {
  if (name === 'on-failure' ? maximumRetryCount >= 0 : maximumRetryCount === 0) return
  const only = `maximum retry count can only be used with 'on-failure'`
  const negative = maximumRetryCount < 0 ? 'cannot be negative' : ''
  throw failure(
    'invalid',
    name === 'on-failure'
      ? `invalid restart policy: maximum retry count ${negative}`
      : `invalid restart policy: ${only}${negative && ` and ${negative}`}`,
  )
}
