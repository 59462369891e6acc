import { failure } from '../../base/index.ts'
import type { ContainerFilter } from '../contract.ts'
import { parsePorts } from './port-values.ts'

/** A filter with its values read; what is undefined does not filter. */
export interface ParsedFilter {
  readonly all: boolean
  readonly before: string | undefined
  readonly since: string | undefined
  readonly ids: readonly string[] | undefined
  readonly names: readonly string[] | undefined
  readonly labels: readonly string[] | undefined
  readonly volumes: readonly string[] | undefined
  readonly networks: readonly string[] | undefined
  readonly ancestors: readonly string[] | undefined
  readonly statuses: ReadonlySet<string> | undefined
  readonly healths: ReadonlySet<string> | undefined
  readonly exitCodes: ReadonlySet<number> | undefined
  /** A container fits when one port is in either set. */
  readonly ports: { readonly published: ReadonlySet<string>; readonly exposed: ReadonlySet<string> } | undefined
  readonly isTask: boolean | undefined
}

const STATUSES = ['created', 'running', 'paused', 'restarting', 'removing', 'exited', 'dead']
const HEALTHS = ['none', 'starting', 'healthy', 'unhealthy']

/** Reads Docker's filters of container listings. `invalid` with Docker's texts. */
export function parseFilter({ all, limit = 0, filters }: ContainerFilter): ParsedFilter {
  const valuesOf = (name: string): readonly string[] | undefined => {
    const values = Object.hasOwn(filters, name) ? filters[name] : undefined
    return values?.length ? values : undefined
  }
  const exitCodes = valuesOf('exited')?.map(parseExitCode)
  const statuses = valuesOf('status')?.map((value) => oneOf(value, { filter: 'status', what: 'state', from: STATUSES }))
  const healths = valuesOf('health')?.map((value) => oneOf(value, { filter: 'health', what: 'health', from: HEALTHS }))
  const [published, exposed] = [valuesOf('publish'), valuesOf('expose')]
  return {
    all: all || limit > 0 || statuses !== undefined,
    before: valuesOf('before')?.at(-1),
    since: valuesOf('since')?.at(-1),
    ids: valuesOf('id'),
    names: valuesOf('name'),
    labels: valuesOf('label'),
    volumes: valuesOf('volume'),
    networks: valuesOf('network'),
    ancestors: valuesOf('ancestor'),
    statuses: statuses && new Set(statuses),
    healths: healths && new Set(healths),
    exitCodes: exitCodes && new Set(exitCodes),
    ports:
      published || exposed
        ? { published: parsePorts(published ?? [], 'publish'), exposed: parsePorts(exposed ?? [], 'expose') }
        : undefined,
    isTask: parseFlag(filters, 'is-task'),
  }
}

function parseExitCode(value: string): number {
  if (/^[-+]?\d{1,18}$/.test(value)) return Number(value)
  throw failure(
    'invalid',
    `invalid filter 'exited=${value}': strconv.Atoi: parsing ${JSON.stringify(value)}: invalid syntax`,
  )
}

function oneOf(
  value: string,
  { filter, what, from }: { readonly filter: string; readonly what: string; readonly from: readonly string[] },
): string {
  if (from.includes(value)) return value
  const rule = `invalid value for ${what} (${value}): must be one of ${from.join(', ')}`
  throw failure('invalid', `invalid filter '${filter}=${value}': ${rule}`)
}

function parseFlag(filters: ContainerFilter['filters'], name: string): boolean | undefined {
  if (!Object.hasOwn(filters, name)) return undefined
  const values = filters[name] ?? []
  const yes = values.some((value) => value === '1' || value === 'true')
  const no = values.some((value) => value === '0' || value === 'false')
  if (yes !== no) return yes
  throw failure('invalid', `invalid filter '${name}${values.length > 0 ? `=[${values.join(' ')}]` : ''}'`)
}
