import { failure } from '../../base/index.ts'
import type { SeccompSpec } from '../../oci/index.ts'

type Rule = NonNullable<SeccompSpec['syscalls']>[number]

/** When a rule counts: it needs all capabilities of `includes` and one of its architectures, and none of `excludes`. */
interface RuleCondition {
  readonly caps?: readonly string[]
  readonly arches?: readonly string[]
}

/** A seccomp profile in Docker's form: rules may depend on the capabilities and the architecture of the container. */
export interface SeccompProfile extends Omit<SeccompSpec, 'syscalls'> {
  readonly archMap?: readonly {
    readonly architecture: string
    readonly subArchitectures?: readonly string[] | null
  }[]
  readonly syscalls?: readonly (Rule & { readonly includes?: RuleCondition; readonly excludes?: RuleCondition })[]
}

export interface ProfileTarget {
  readonly capabilities: readonly string[]
  /** As Go calls it: `amd64`, `arm64`. */
  readonly architecture: string
}

const NATIVE: Readonly<Record<string, string>> = { amd64: 'SCMP_ARCH_X86_64', arm64: 'SCMP_ARCH_AARCH64' }

/** Go's name of the architecture this program runs on. */
export function ownArchitecture(): string {
  return process.arch === 'x64' ? 'amd64' : process.arch
}

/** The filter that the profile means for one container. */
export function resolveProfile(profile: SeccompProfile, target: ProfileTarget): SeccompSpec {
  const { archMap, architectures, syscalls = [], ...rest } = profile
  const own = archMap?.find(({ architecture }) => architecture === NATIVE[target.architecture])
  const resolved = own ? [own.architecture, ...(own.subArchitectures ?? [])] : architectures
  return {
    ...rest,
    ...(resolved ? { architectures: resolved } : {}),
    syscalls: syscalls.filter((rule) => applies(rule, target)).map(({ includes, excludes, ...rule }) => rule),
  }
}

function applies(
  { includes, excludes }: { includes?: RuleCondition; excludes?: RuleCondition },
  { capabilities, architecture }: ProfileTarget,
): boolean {
  const hasArch = (arches: readonly string[]): boolean => arches.includes(architecture)
  if (excludes?.arches && hasArch(excludes.arches)) return false
  if (excludes?.caps?.some((name) => capabilities.includes(name))) return false
  if (includes?.arches && includes.arches.length > 0 && !hasArch(includes.arches)) return false
  return (includes?.caps ?? []).every((name) => capabilities.includes(name))
}

/** Reads a profile file as `--security-opt seccomp=` takes it. `invalid` when it is not of that form. */
export function parseSeccompProfile(text: string): SeccompProfile {
  let parsed: unknown
  try {
    parsed = JSON.parse(text)
  } catch (cause) {
    throw failure('invalid', `Decoding seccomp profile failed: ${String(cause)}`, { cause })
  }
  if (!isProfile(parsed)) {
    throw failure('invalid', 'Decoding seccomp profile failed: defaultAction and a list of syscalls are wanted')
  }
  return { ...parsed, syscalls: parsed.syscalls?.map(withNames) }
}

function isProfile(value: unknown): value is SeccompProfile {
  if (typeof value !== 'object' || value === null) return false
  const { defaultAction, syscalls } = value as Record<string, unknown>
  if (typeof defaultAction !== 'string') return false
  return syscalls === undefined || syscalls === null || (Array.isArray(syscalls) && syscalls.every(isRule))
}

function isRule(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false
  const { name, names, action } = value as Record<string, unknown>
  return typeof action === 'string' && (typeof name === 'string' || Array.isArray(names))
}

/** Old profiles name one system call a rule. */
function withNames(rule: Rule & { readonly name?: string }): Rule {
  const { name, ...rest } = rule
  return name === undefined ? rest : { ...rest, names: [name, ...(rest.names ?? [])] }
}
