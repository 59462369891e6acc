/** A size in powers of 1000 with at most four digits: `1.5kB`, `77.9MB`, `0B`; as Go's units.HumanSize. */
export function humanSize(bytes: number, digits = 4): string {
  return scaled(bytes, { base: 1000, units: ['B', 'kB', 'MB', 'GB', 'TB', 'PB'], digits })
}

/** A size in powers of 1024: `23.4GiB`. */
export function binarySize(bytes: number): string {
  return scaled(bytes, { base: 1024, units: ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB'], digits: 4 })
}

function scaled(
  bytes: number,
  { base, units, digits }: { readonly base: number; readonly units: readonly string[]; readonly digits: number },
): string {
  let value = bytes
  let step = 0
  while (value >= base && step < units.length - 1) {
    value /= base
    step += 1
  }
  return `${significant(value, digits)}${units[step]}`
}

/** Go's %.4g for the range that occurs here: so many significant digits, no trailing zeros. */
function significant(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)))
}

/** How long ago or how long: `Less than a second`, `5 minutes`, `2 weeks`; as Go's units.HumanDuration. */
export function humanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000)
  const minutes = Math.floor(milliseconds / 60_000)
  const hours = Math.round(milliseconds / 3_600_000)
  if (seconds < 1) return 'Less than a second'
  if (seconds === 1) return '1 second'
  if (seconds < 60) return `${seconds} seconds`
  if (minutes === 1) return 'About a minute'
  if (minutes < 60) return `${minutes} minutes`
  if (hours === 1) return 'About an hour'
  if (hours < 48) return `${hours} hours`
  if (hours < 24 * 7 * 2) return `${Math.floor(hours / 24)} days`
  if (hours < 24 * 30 * 2) return `${Math.floor(hours / 24 / 7)} weeks`
  if (hours < 24 * 365 * 2) return `${Math.floor(hours / 24 / 30)} months`
  return `${Math.floor(hours / 24 / 365)} years`
}

/** `5 minutes ago` for a point in time given in milliseconds since the epoch. */
export function humanAgo(time: number, now = Date.now()): string {
  return `${humanDuration(now - time)} ago`
}

/** Cuts to `limit` characters, the last one an ellipsis when something was lost. */
export function ellipsis(text: string, limit: number): string {
  const characters = Array.from(text)
  return characters.length <= limit ? text : `${characters.slice(0, limit - 1).join('')}…`
}
