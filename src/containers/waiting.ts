import { type AbortOptions, orAborted } from '../base/index.ts'
import type { Ending, Entry } from './catalog.ts'
import type { Exit, WaitCondition } from './contract.ts'
import type { Household } from './household.ts'

interface WaitResult {
  readonly code: number
  readonly error: string
}

/** Waits for an end of a container. It listens when this returns: what happens afterwards is not missed. */
export function waitForEnd(
  { catalog }: Household,
  { entry, condition, signal }: { readonly entry: Entry; readonly condition: WaitCondition } & AbortOptions,
): { readonly result: Promise<WaitResult> } {
  const { state } = entry.record
  const isIdle = state.status === 'created' || state.status === 'exited' || state.status === 'dead'
  if (condition === 'not-running' && isIdle)
    return { result: Promise.resolve(resultOf('exit' in state ? state.exit : undefined)) }
  const { promise, resolve } = Promise.withResolvers<WaitResult>()
  const subscription = catalog.endings.listen((ending) => {
    if (ending.id === entry.id && fulfils(ending, condition)) resolve(resultOf(ending.exit))
  })
  return { result: orAborted(promise, signal).finally(() => subscription[Symbol.dispose]()) }
}

/** A container that is removed will have no next exit: whoever waits for one is told too. */
function fulfils(ending: Ending, condition: WaitCondition): boolean {
  return ending.kind === 'removed' || condition !== 'removed'
}

function resultOf(exit: Exit | undefined): WaitResult {
  return { code: exit?.code ?? 0, error: exit?.error ?? '' }
}
