import { failure } from '../../base/index.ts'

/** Extended header records in the order they stand; a key may come twice (the sparse maps of GNU do). */
export type PaxRecords = readonly (readonly [key: string, value: Buffer])[]

/** Reads the records of one extended header: `<length> <key>=<value>\n`. Values are bytes, NULs and newlines allowed. */
export function decodePax(bytes: Buffer): PaxRecords {
  const records: (readonly [string, Buffer])[] = []
  for (let at = 0; at < bytes.length; ) {
    const blank = bytes.indexOf(0x20, at)
    const digits = blank < 0 ? '' : bytes.toString('latin1', at, blank)
    const length = /^\d{1,9}$/.test(digits) ? Number(digits) : 0
    const end = at + length
    const equals = bytes.indexOf(0x3d, blank)
    if (length < 5 || end > bytes.length || bytes[end - 1] !== 0x0a || equals < blank + 2 || equals > end - 2) {
      throw failure('invalid', 'invalid tar header: broken extended header')
    }
    const key = bytes.toString('utf8', blank + 1, equals)
    if (key.includes('\0')) throw failure('invalid', 'invalid tar header: NUL in an extended header')
    records.push([key, bytes.subarray(equals + 1, end - 1)])
    at = end
  }
  return records
}

export function encodePax(records: PaxRecords): Buffer {
  return Buffer.concat(
    records.map(([key, value]) => {
      const rest = 1 + Buffer.byteLength(key) + 1 + value.length + 1
      // The length counts its own digits.
      let length = rest + String(rest).length
      length = rest + String(length).length
      return Buffer.concat([Buffer.from(`${length} ${key}=`), value, Buffer.from('\n')])
    }),
  )
}

export function decodePaxInteger(value: Buffer): number {
  const text = value.toString('latin1')
  const number = Number(text)
  if (!/^-?\d+$/.test(text) || !Number.isSafeInteger(number)) {
    throw failure('invalid', 'invalid tar header: an extended header is not a number')
  }
  return number
}

/** Seconds with a fraction (`-1.5`, `1700000000.123456789`) in nanoseconds; digits beyond them are cut off. */
export function decodePaxTime(value: Buffer): bigint {
  const match = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(value.toString('latin1'))
  if (!match) throw failure('invalid', 'invalid tar header: an extended header is not a time')
  const [, sign, seconds = '0', fraction = ''] = match
  const nanoseconds = BigInt(seconds) * 1_000_000_000n + BigInt(fraction.slice(0, 9).padEnd(9, '0'))
  return sign === '-' ? -nanoseconds : nanoseconds
}

export function encodePaxTime(time: bigint): Buffer {
  const size = time < 0n ? -time : time
  const fraction = (size % 1_000_000_000n).toString().padStart(9, '0').replace(/0+$/, '')
  const seconds = `${time < 0n ? '-' : ''}${size / 1_000_000_000n}`
  return Buffer.from(fraction === '' ? seconds : `${seconds}.${fraction}`)
}
