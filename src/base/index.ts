export { type AbortOptions, delay, orAborted, throwIfAborted } from './abort.ts'
export { type AtomicWriteOptions, syncFolder, writeFileAtomic } from './atomic-file.ts'
export {
  type Clock,
  createClock,
  formatTimestamp,
  formatTimestampFixed,
  parseTimestamp,
  type Timestamp,
} from './clock.ts'
export { type Database, openDatabase, type Row } from './database.ts'
export {
  type ErrorDetail,
  failure,
  hasCode,
  isKind,
  KINDS,
  type Kind,
  kindOf,
  messageOf,
  SlipwayError,
} from './errors.ts'
export { createEventLog, type Event, type EventLog } from './event-log.ts'
export { type Flag, type FlagTable, flag, type ParsedFlags, parseFlags, type ValuesOf } from './flags.ts'
export { newId, shortId } from './id.ts'
export { createKeyedLock, type KeyedLock } from './locks.ts'
export { createLog, createSilentLog, LOG_LEVELS, type Log, type LogLevel } from './log.ts'
export { createTopic, type Topic } from './topic.ts'
export { parseBytes, parseDuration } from './units.ts'
