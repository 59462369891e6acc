import { type AbortOptions, createTopic, type Topic } from '../../base/index.ts'
import { readHostCpu } from '../../runtime/index.ts'
import type { Catalog, Entry } from '../catalog.ts'
import type { Household } from '../household.ts'
import { isRunning } from '../states.ts'
import type { Sample } from '../stats.contract.ts'

const PERIOD = 1000

/** One look a second at each container that somebody asks about, however many ask. */
export interface Sampler {
  /** From the next look on; ends with the container, and quietly when the signal fires. */
  follow(entry: Entry, options?: AbortOptions): AsyncIterable<Sample>
  close(): void
}

interface Watch {
  readonly topic: Topic<Sample | 'gone'>
  readonly timer: NodeJS.Timeout
  followers: number
}

export function createSampler(household: Pick<Household, 'catalog' | 'clock'>): Sampler {
  const watches = new Map<string, Watch>()

  function watch(entry: Entry): Watch {
    const known = watches.get(entry.id)
    if (known) return known
    const topic = createTopic<Sample | 'gone'>()
    const look = (): void => topic.publish(exists(household.catalog, entry) ? takeSample(household, entry) : 'gone')
    const made: Watch = { topic, timer: setInterval(look, PERIOD), followers: 0 }
    setImmediate(look)
    watches.set(entry.id, made)
    return made
  }

  function leave(id: string, watched: Watch): void {
    watched.followers -= 1
    if (watched.followers > 0) return
    clearInterval(watched.timer)
    watches.delete(id)
  }

  async function* follow(entry: Entry, { signal }: AbortOptions = {}): AsyncGenerator<Sample> {
    const watched = watch(entry)
    watched.followers += 1
    try {
      for await (const sample of watched.topic.values({ signal })) {
        if (sample === 'gone') return
        yield sample
      }
    } finally {
      leave(entry.id, watched)
    }
  }

  return {
    follow,
    close: () => {
      for (const { timer, topic } of watches.values()) {
        clearInterval(timer)
        topic.publish('gone')
      }
    },
  }
}

/** What a container uses at this moment; without numbers when it does not run. */
export function takeSample({ clock }: Pick<Household, 'clock'>, { record, task }: Entry): Sample {
  const stats = isRunning(record) ? task?.stats() : undefined
  if (!stats) return { numbers: undefined }
  const { networkMode } = record.host
  return {
    numbers: {
      at: clock.now(),
      task: networkMode === 'host' ? { ...stats, networks: new Map() } : stats,
      host: readHostCpu(),
    },
  }
}

function exists(catalog: Catalog, { id }: Entry): boolean {
  return catalog.get(id) !== undefined
}
