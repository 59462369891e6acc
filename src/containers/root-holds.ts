import type { Entry } from './catalog.ts'
import type { Household } from './household.ts'
import { isRunning } from './states.ts'

export interface HeldRoot extends AsyncDisposable {
  readonly path: string
}

/**
 * Keeps the root filesystem of a container mounted, whether it runs or not and whatever becomes of it meanwhile. The
 * caller disposes.
 */
export async function holdRoot({ store, locks }: Household, entry: Entry): Promise<HeldRoot> {
  return locks.run(entry.id, () => {
    const path = store.snapshots.mount(entry.id)
    entry.rootHolds += 1
    return { path, [Symbol.asyncDispose]: () => locks.run(entry.id, release) }
  })

  async function release(): Promise<void> {
    entry.rootHolds -= 1
    if (!isRunning(entry.record)) await unmountRoot({ store }, entry)
  }
}

/** Unmounts the root of a container that does not run, unless somebody holds it: then it goes with the last of them. */
export async function unmountRoot({ store }: Pick<Household, 'store'>, { id, rootHolds }: Entry): Promise<void> {
  if (rootHolds === 0) await store.snapshots.unmount(id)
}
