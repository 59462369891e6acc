import { failure } from '../../base/index.ts'
import type { LogRotation } from '../../runtime/index.ts'
import type { HostConfig } from '../contract.ts'

type LogConfig = HostConfig['logConfig']

/** Docker takes these from any driver before the driver sees its options. */
const OF_ALL = ['mode', 'max-buffer-size']
const OF_FILES = ['max-size', 'max-file', 'compress']
const OF_DRIVER: Readonly<Record<string, readonly string[]>> = {
  'json-file': [...OF_FILES, 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
  local: [...OF_FILES, 'labels', 'labels-regex', 'env', 'env-regex', 'tag'],
}

const DEFAULT_SIZE: Readonly<Record<string, string>> = { local: '20m' }
const DEFAULT_FILES: Readonly<Record<string, string>> = { local: '5' }
const UNLIMITED = '-1'

/** `invalid` with Docker's texts; an unknown option is refused by its name. */
export function verifyLogOptions({ type, config }: LogConfig): void {
  const known = OF_DRIVER[type]
  if (!known) return
  const unknown = Object.keys(config).find((name) => !known.includes(name) && !OF_ALL.includes(name))
  if (unknown !== undefined) throw failure('invalid', `unknown log opt '${unknown}' for ${type} log driver`)
  const { mode = '', compress = '' } = config
  if (!['', 'blocking', 'non-blocking'].includes(mode)) {
    throw failure('invalid', `logger: logging mode not supported: ${mode}`)
  }
  if (config['max-buffer-size'] !== undefined && mode !== 'non-blocking') {
    throw failure('invalid', `logger: max-buffer-size option is only supported with 'mode=non-blocking'`)
  }
  const rotation = logRotationOf({ type, config })
  if (parseFlag(compress) && (rotation === undefined || rotation.maxFiles < 2)) {
    throw failure('invalid', 'compress cannot be true when max-file is less than 2 or max-size is not set')
  }
}

/** The limits that a driver's options set; undefined for a log without end. `invalid` with Docker's texts. */
export function logRotationOf({ type, config }: LogConfig): LogRotation | undefined {
  const size = config['max-size'] || DEFAULT_SIZE[type] || UNLIMITED
  const files = config['max-file'] || DEFAULT_FILES[type] || '1'
  if (!/^[-+]?\d+$/.test(files)) {
    throw failure('invalid', `strconv.Atoi: parsing ${JSON.stringify(files)}: invalid syntax`)
  }
  if (Number(files) < 1) throw failure('invalid', 'max-file cannot be less than 1')
  if (size === UNLIMITED) return undefined
  const maxSize = parseSize(size)
  if (maxSize <= 0) throw failure('invalid', 'max-size must be a positive number')
  return { maxSize, maxFiles: Number(files) }
}

/** Sizes of logs are in powers of 1000. */
function parseSize(text: string): number {
  const [, number, unit = 'b'] = /^(\d+(?:\.\d+)?) ?([bkmgtp])?(?:i?b)?$/i.exec(text) ?? []
  if (number === undefined) throw failure('invalid', `invalid size: '${text}'`)
  return Math.floor(Number(number) * 1000 ** 'bkmgtp'.indexOf(unit.toLowerCase()))
}

function parseFlag(text: string): boolean {
  if (['', '0', 'f', 'F', 'false', 'False', 'FALSE'].includes(text)) return false
  if (['1', 't', 'T', 'true', 'True', 'TRUE'].includes(text)) return true
  throw failure('invalid', `strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}
