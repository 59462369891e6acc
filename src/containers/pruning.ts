import { failure, parseDuration, parseTimestamp } from '../base/index.ts'
import type { Entry } from './catalog.ts'
import type { Household } from './household.ts'
import { removeEntry } from './removal.ts'

/** Removes all containers that do not run and match; gives their ids and the bytes of their writable layers. */
export async function pruneContainers(
  household: Household,
  filters: Readonly<Record<string, readonly string[]>>,
): Promise<{ readonly removed: readonly string[]; readonly bytes: number }> {
  const { catalog, locks, store, clock } = household
  const until = untilOf(filters.until?.[0], clock.now())
  const removed: string[] = []
  let bytes = 0
  for (const entry of catalog.all()) {
    if (!isIdle(entry) || !matches(entry, { filters, until })) continue
    await locks.run(entry.id, async () => {
      if (!catalog.get(entry.id) || !isIdle(entry)) return
      const usage = await store.snapshots.usage(entry.id).catch(() => 0)
      await removeEntry(household, { entry, volumes: false })
      removed.push(entry.id)
      bytes += usage
    })
  }
  return { removed, bytes }
}

function isIdle({ record }: Entry): boolean {
  return ['created', 'exited', 'dead'].includes(record.state.status)
}

function matches(
  { record }: Entry,
  { filters, until }: { filters: Readonly<Record<string, readonly string[]>>; until: bigint | undefined },
): boolean {
  if (until !== undefined && record.created >= until) return false
  const { labels } = record.config
  const has = (text: string): boolean => {
    const [name = '', value] = text.split(/=(.*)/s)
    return Object.hasOwn(labels, name) && (value === undefined || labels[name] === value)
  }
  return (filters.label ?? []).every(has) && !(filters['label!'] ?? []).some(has)
}

/** A duration counts back from now; otherwise a time in seconds or RFC 3339. */
function untilOf(text: string | undefined, now: bigint): bigint | undefined {
  if (text === undefined) return undefined
  if (/^\d+(\.\d+)?$/.test(text)) return BigInt(Math.round(Number(text) * 1e9))
  const time = parseTimestamp(text)
  if (time !== undefined) return time
  try {
    return now - BigInt(Math.round(parseDuration(text)))
  } catch (cause) {
    throw failure('invalid', `invalid value for "until" filter: ${text}`, { cause })
  }
}
