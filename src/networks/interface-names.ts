import { shortId } from '../base/index.ts'

/** Names for the host's ends of veth pairs: `sl`, the container's short id, and a digit that makes them differ. */
export interface InterfaceNames {
  /**
   * A name not given for this container within the last 36 calls: the kernel removes a dropped pair a little later,
   * and until then its name is taken.
   */
  next(containerId: string): string
}

const DIGITS = 36
const OURS = /^sl[0-9a-f]{12}[0-9a-z]$/

export function createInterfaceNames(): InterfaceNames {
  let count = 0
  return {
    next(containerId) {
      count = (count + 1) % DIGITS
      return `sl${shortId(containerId)}${count.toString(DIGITS)}`
    },
  }
}

export function isOurHostInterface(name: string): boolean {
  return OURS.test(name)
}
