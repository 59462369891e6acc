import { writeFileSync } from 'node:fs'
import type { RuntimeProcess, RuntimeSpec } from '../../oci/index.ts'

/** RLIM_INFINITY, which is more than a number can hold exactly. */
const UNLIMITED = '18446744073709551615'

/** Text that `JSON.stringify` takes over as it is. */
const rawJson = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON

/** Writes what an OCI runtime reads. Limits that are negative or infinite become the kernel's "unlimited". */
export function writeConfiguration(path: string, configuration: RuntimeSpec | RuntimeProcess): void {
  writeFileSync(path, JSON.stringify(configuration, withUnlimited), { mode: 0o600 })
}

function withUnlimited(key: string, value: unknown): unknown {
  if ((key !== 'soft' && key !== 'hard') || typeof value !== 'number') return value
  return value < 0 || value === Number.POSITIVE_INFINITY ? rawJson(UNLIMITED) : value
}
