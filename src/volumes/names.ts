import { failure } from '../base/index.ts'

/** Marks volumes that were made without a name being asked for; Docker's clients look for it. */
export const ANONYMOUS_LABEL = 'com.docker.volume.anonymous'

const ALLOWED = '[a-zA-Z0-9][a-zA-Z0-9_.-]'
const NAME = new RegExp(`^${ALLOWED}+$`)

export function isVolumeName(name: string): boolean {
  return NAME.test(name)
}

/** `invalid` with Docker's text. A valid name is also a safe name for a folder. */
export function assertVolumeName(name: string): void {
  if (name.length === 1) {
    const advice = 'names should be at least two alphanumeric characters'
    throw failure('invalid', `create ${name}: volume name is too short, ${advice}`)
  }
  if (!isVolumeName(name)) {
    const rule = `includes invalid characters for a local volume name, only ${JSON.stringify(ALLOWED)} are allowed`
    const advice = 'If you intended to pass a host directory, use absolute path'
    throw failure('invalid', `create ${name}: ${JSON.stringify(name)} ${rule}. ${advice}`)
  }
}
