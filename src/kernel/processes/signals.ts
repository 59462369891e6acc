import { constants } from 'node:os'

/** The kernel's range of real-time signals as glibc shows it to programs: signal(7). */
const RTMIN = 34
const RTMAX = 64

/** Every signal by its name with `SIG`. */
export const SIGNALS: Readonly<Record<string, number>> = {
  ...constants.signals,
  SIGCLD: constants.signals.SIGCHLD,
  ...Object.fromEntries(realTimeNames()),
}

/** Reads `SIGTERM`, `term`, `15` or `RTMIN+3`; undefined when there is no such signal. */
export function parseSignal(text: string): number | undefined {
  if (/^\d+$/.test(text)) {
    const number = Number(text)
    return number >= 1 && number <= RTMAX ? number : undefined
  }
  const name = text.toUpperCase()
  const full = name.startsWith('SIG') ? name : `SIG${name}`
  return Object.hasOwn(SIGNALS, full) ? SIGNALS[full] : undefined
}

function realTimeNames(): [string, number][] {
  const middle = (RTMIN + RTMAX) / 2
  const names: [string, number][] = [
    ['SIGRTMIN', RTMIN],
    ['SIGRTMAX', RTMAX],
  ]
  for (let number = RTMIN + 1; number < RTMAX; number += 1) {
    names.push([number <= middle ? `SIGRTMIN+${number - RTMIN}` : `SIGRTMAX-${RTMAX - number}`, number])
  }
  return names
}
