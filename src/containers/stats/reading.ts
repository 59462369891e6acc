import type { AbortOptions } from '../../base/index.ts'
import type { Entry } from '../catalog.ts'
import type { Household } from '../household.ts'
import { isRunning } from '../states.ts'
import type { ContainerStats, Sample, StatsOptions } from '../stats.contract.ts'
import { type Sampler, takeSample } from './sampler.ts'

/** Samples of a container, each with the one before, as `mode` says: see Containers.stats. */
export async function* readStats(
  household: Household & { readonly sampler: Sampler },
  { entry, mode, signal }: { readonly entry: Entry } & StatsOptions & AbortOptions,
): AsyncGenerator<ContainerStats> {
  const describe = (sample: Sample, previous?: Sample): ContainerStats => ({
    id: entry.id,
    name: entry.record.name,
    numbers: sample.numbers,
    previous: previous?.numbers,
  })
  if (mode === 'now' || (mode === 'once' && !isRunning(entry.record))) {
    yield describe(takeSample(household, entry))
    return
  }
  let previous: Sample | undefined
  for await (const sample of household.sampler.follow(entry, { signal })) {
    // The first has nothing to compare with, which is why somebody who wants one only gets the second.
    if (mode === 'stream' || previous) yield describe(sample, previous)
    if (mode === 'once' && previous) return
    previous = sample
  }
}
