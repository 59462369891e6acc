import { shortId } from '../base/index.ts'

/** Names for the host's ends of veth pairs: `sl`, the container's short id, and a digit that makes them differ. */
export interface InterfaceNames {
  /**
   * A name not given for this container within the last 36 calls: the kernel removes a dropped pair a little later,
   * and until then its name is taken. Nor one of `taken`, which an earlier daemon may have given.
   */
  next(containerId: string, taken?: readonly string[]): string
}

const DIGITS = 36
const OURS = /^sl[0-9a-f]{12}[0-9a-z]$/

export function createInterfaceNames(): InterfaceNames {
  let count = 0
  return {
    next(containerId, taken = []) {
      for (;;) {
        count = (count + 1) % DIGITS
        const name = `sl${shortId(containerId)}${count.toString(DIGITS)}`
        if (!taken.includes(name)) return name
      }
    },
  }
}

export function isOurHostInterface(name: string): boolean {
  return OURS.test(name)
}
