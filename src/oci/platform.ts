import { failure } from '../base/index.ts'

/** An operating system and processor, in Go's names (`linux`, `amd64`, `arm64`, variant `v8`). */
export interface Platform {
  readonly os: string
  readonly architecture: string
  readonly variant?: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
}

const SYSTEMS: Readonly<Record<string, string>> = { macos: 'darwin' }

/** Names that kernels and users give to an architecture, to Go's name and variant. */
const ARCHITECTURES: Readonly<Record<string, readonly [architecture: string, variant?: string]>> = {
  x86_64: ['amd64'],
  'x86-64': ['amd64'],
  x64: ['amd64'],
  i386: ['386'],
  i486: ['386'],
  i586: ['386'],
  i686: ['386'],
  ia32: ['386'],
  aarch64: ['arm64'],
  armhf: ['arm', 'v7'],
  armel: ['arm', 'v6'],
  armv5l: ['arm', 'v5'],
  armv6l: ['arm', 'v6'],
  armv7l: ['arm', 'v7'],
  armv8l: ['arm', 'v8'],
  ppc64el: ['ppc64le'],
  loong64: ['loong64'],
  loongarch64: ['loong64'],
}

/** The variant that is meant when none is written. */
const DEFAULT_VARIANTS: Readonly<Record<string, string>> = { arm: 'v7', arm64: 'v8', amd64: 'v1' }

const PART = /^[A-Za-z0-9_.-]+$/

/** The platform this program runs on. */
export function hostPlatform(): Platform {
  const { architecture, variant } = normalizePlatform({ os: 'linux', architecture: process.arch })
  return { os: 'linux', architecture, ...(variant !== undefined && { variant }) }
}

/**
 * Reads `os[/arch[/variant]]` or an architecture alone (`arm64`, `linux/arm/v7`), normalised; what is not said is the
 * host's. `invalid` when it is none of these.
 */
export function parsePlatform(text: string): Platform {
  const parts = text.split('/')
  if (text.length > 256 || parts.length > 3 || !parts.every((part) => PART.test(part))) {
    throw failure(
      'invalid',
      `${JSON.stringify(text.slice(0, 256))} is an invalid platform: want os[/architecture[/variant]]`,
    )
  }
  const [first = '', architecture, variant] = parts
  const host = hostPlatform()
  if (architecture !== undefined) return normalizePlatform({ os: first, architecture, variant })
  if (isArchitecture(first)) return normalizePlatform({ os: host.os, architecture: first })
  return normalizePlatform({ ...host, os: first })
}

/** Go's names in lower case, with the default variant left out (`linux/arm64`, never `linux/aarch64/v8`). */
export function normalizePlatform(platform: Platform): Platform {
  const os = platform.os.toLowerCase()
  const named = platform.architecture.toLowerCase()
  const [architecture, implied] = ARCHITECTURES[named] ?? [named]
  const given = platform.variant?.toLowerCase() || implied
  const variant = given !== undefined && /^\d+$/.test(given) ? `v${given}` : given
  const { variant: _variant, ...rest } = platform
  // For arm the variant is always said: v7 is a default of ours, not a meaning of the bare name.
  const said = architecture === 'arm' ? (variant ?? DEFAULT_VARIANTS.arm) : variant
  const shown = architecture !== 'arm' && said === DEFAULT_VARIANTS[architecture] ? undefined : said
  return { ...rest, os: SYSTEMS[os] ?? os, architecture, ...(shown !== undefined && { variant: shown }) }
}

/** `linux/arm64`, `linux/arm/v7`: as Docker prints it. */
export function formatPlatform(platform: Platform): string {
  const { os, architecture, variant } = normalizePlatform(platform)
  return [os, architecture, ...(variant === undefined ? [] : [variant])].join('/')
}

/** Whether content made for `candidate` is what `wanted` asks for; a lesser variant of the processor will do. */
export function matchPlatform(wanted: Platform, candidate: Platform): boolean {
  return platformDistance(wanted, candidate) !== undefined
}

/** Distance in variants, 0 for the same one; undefined when the candidate does not run on `wanted`. */
export function platformDistance(wanted: Platform, candidate: Platform): number | undefined {
  const want = normalizePlatform(wanted)
  const have = normalizePlatform(candidate)
  if (want.os !== have.os || want.architecture !== have.architecture) return undefined
  const fallback = DEFAULT_VARIANTS[want.architecture]
  const asked = want.variant ?? fallback
  const offered = have.variant ?? fallback
  if (asked === offered) return 0
  const distance = variantNumber(asked) - variantNumber(offered)
  return distance > 0 ? distance : undefined
}

function variantNumber(variant: string | undefined): number {
  const match = /^v(\d+)(?:\.(\d+))?$/.exec(variant ?? '')
  return match ? Number(match[1]) + Number(match[2] ?? 0) / 100 : Number.NaN
}

function isArchitecture(name: string): boolean {
  const KNOWN = ['amd64', '386', 'arm', 'arm64', 'ppc64le', 's390x', 'riscv64', 'mips64le', 'loong64', 'ppc64']
  return KNOWN.includes(name.toLowerCase()) || Object.hasOwn(ARCHITECTURES, name.toLowerCase())
}
