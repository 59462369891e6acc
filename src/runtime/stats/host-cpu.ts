import { readFileSync } from 'node:fs'
import type { HostCpu } from '../contract.ts'
import { parseList } from './cgroup-text.ts'

/** Nanoseconds of a clock tick in /proc/stat. */
const TICK = 10_000_000n
/** user, nice, system, idle, iowait, irq, softirq: what Docker sums. */
const FIELDS = 7

/** What all processors of this host have spent so far, idle time included. */
export function readHostCpu(): HostCpu {
  return parseProcStat(readFileSync('/proc/stat', 'utf8'))
}

export function parseProcStat(text: string): HostCpu {
  const ticks = parseList(/^cpu +(.*)$/m.exec(text)?.[1]).slice(0, FIELDS)
  return {
    time: ticks.reduce((sum, value) => sum + value, 0n) * TICK,
    online: [...text.matchAll(/^cpu\d+ /gm)].length,
  }
}
