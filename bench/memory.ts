import { readFileSync } from 'node:fs'

const KIB = 1024

/** Proportional set size of processes in bytes: shared pages are divided among those who share them. */
export function proportionalSize(pids: readonly number[]): number {
  return sum(pids, 'smaps_rollup', 'Pss')
}

/** Resident set size of processes in bytes. */
export function residentSize(pids: readonly number[]): number {
  return sum(pids, 'status', 'VmRSS')
}

/** Memory that the kernel itself holds and cannot give back: slab, stacks, page tables, per-cpu data; in bytes. */
export function kernelMemory(): number {
  const text = readFileSync('/proc/meminfo', 'utf8')
  return ['SUnreclaim', 'KernelStack', 'PageTables', 'Percpu'].reduce((total, key) => total + field(text, key), 0)
}

function sum(pids: readonly number[], file: string, key: string): number {
  return pids.reduce((total, pid) => total + field(readFileSync(`/proc/${pid}/${file}`, 'utf8'), key), 0)
}

function field(text: string, key: string): number {
  const match = new RegExp(`^${key}:\\s+(\\d+) kB`, 'm').exec(text)
  if (!match) throw new Error(`no ${key} in ${text.slice(0, 60)}`)
  return Number(match[1]) * KIB
}
