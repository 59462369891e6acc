import type { Leases } from './contract.ts'

export interface LeaseCounter extends Leases {
  isHeld(): boolean
}

export function createLeases(): LeaseCounter {
  const held = new Set<symbol>()
  return {
    isHeld: () => held.size > 0,
    hold() {
      const lease = Symbol('lease')
      held.add(lease)
      return { [Symbol.dispose]: () => held.delete(lease) }
    },
  }
}
