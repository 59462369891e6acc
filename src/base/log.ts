import { pino } from 'pino'

export const LOG_LEVELS = ['debug', 'info', 'warn', 'error', 'fatal'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

/** Structured log lines: fields first, then the sentence. Never put credentials or raw bytes into either. */
export interface Log {
  debug(fields: object, message: string): void
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
  error(fields: object, message: string): void
  child(fields: Record<string, unknown>): Log
  setLevel(level: LogLevel): void
}

/** Writes JSON lines to standard error, synchronously, so that the last words before a crash are kept. */
export function createLog(level: LogLevel): Log {
  const logger = pino(
    { level, base: null, timestamp: pino.stdTimeFunctions.isoTime, serializers: { error: pino.stdSerializers.err } },
    pino.destination({ fd: 2, sync: true }),
  )
  return wrap(logger)
}

/** For tests and library use without output. */
export function createSilentLog(): Log {
  return wrap(pino({ level: 'silent' }))
}

function wrap(logger: pino.Logger): Log {
  return {
    debug: (fields, message) => logger.debug(fields, message),
    info: (fields, message) => logger.info(fields, message),
    warn: (fields, message) => logger.warn(fields, message),
    error: (fields, message) => logger.error(fields, message),
    child: (fields) => wrap(logger.child(fields)),
    setLevel: (next) => {
      logger.level = next
    },
  }
}
