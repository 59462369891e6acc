import { failure } from '../base/index.ts'
import { type Digest, isDigest } from './digest.ts'

/**
 * A normalised image reference. `busybox` becomes domain `docker.io`, path `library/busybox`; `familiar` is the short
 * form that people see (`busybox`, `user/app`, `host:5000/a/b`).
 */
export interface Reference {
  readonly domain: string
  readonly path: string
  readonly familiar: string
  readonly tag?: string
  readonly digest?: Digest
}

const DEFAULT_DOMAIN = 'docker.io'
const OFFICIAL = 'library/'
const NAME_LIMIT = 255

// The grammar of distribution's reference package, from the bottom up.
const LABEL = '(?:[a-zA-Z0-9]|[a-zA-Z0-9][a-zA-Z0-9-]*[a-zA-Z0-9])'
const HOST = `(?:${LABEL}(?:\\.${LABEL})*|\\[[a-fA-F0-9:]+\\])(?::[0-9]+)?`
const COMPONENT = '[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*'
const PATH = `${COMPONENT}(?:/${COMPONENT})*`
const TAG = '[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}'
const DIGEST = '[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}'
const REFERENCE = new RegExp(`^(?:(?<domain>${HOST})/)?(?<path>${PATH})(?::(?<tag>${TAG}))?(?:@(?<digest>${DIGEST}))?$`)
/** Longer texts cannot be references; refusing them first keeps the expressions off long hostile input. */
const TEXT_LIMIT = 1024

/**
 * Reads what people write (`busybox`, `user/app:1`, `host:5000/a/b@sha256:…`), normalised as Docker does it.
 * `invalid` with Docker's text otherwise. Neither tag nor digest is added.
 */
export function parseReference(text: string): Reference {
  if (/^[a-f0-9]{64}$/.test(text)) {
    throw failure('invalid', `invalid repository name (${text}), cannot specify 64-byte hexadecimal strings`)
  }
  if (text.length > TEXT_LIMIT) throw failure('invalid', 'invalid reference format')
  const { domain, remainder } = splitDomain(text)
  const remote = remainder.split(':', 1)[0] ?? ''
  if (remote.toLowerCase() !== remote) {
    throw failure('invalid', `invalid reference format: repository name (${remote}) must be lowercase`)
  }
  const groups = REFERENCE.exec(`${domain}/${remainder}`)?.groups
  if (!groups?.path) throw failure('invalid', 'invalid reference format')
  if (groups.path.length > NAME_LIMIT) {
    throw failure('invalid', `repository name must not be more than ${NAME_LIMIT} characters`)
  }
  // A first part such as ho_st.com means a domain without being a valid one: the grammar then takes it for a component.
  const path = groups.domain === undefined ? groups.path.slice(domain.length + 1) : groups.path
  return compose(domain, path, { tag: groups.tag, digest: checkDigest(groups.digest) })
}

/** The full form with tag and digest: `docker.io/library/busybox:latest`. */
export function formatReference(reference: Reference): string {
  return withSuffix(`${reference.domain}/${reference.path}`, reference)
}

/** What people see: the short name with tag and digest, `busybox:latest`. */
export function familiarName(reference: Reference): string {
  return withSuffix(reference.familiar, reference)
}

/** Adds `latest` when the reference has neither tag nor digest. */
export function withDefaultTag(reference: Reference): Reference {
  return reference.tag === undefined && reference.digest === undefined ? withTag(reference, 'latest') : reference
}

/** The same repository with that tag and no digest. `invalid` for what cannot be a tag. */
export function withTag(reference: Reference, tag: string): Reference {
  if (!new RegExp(`^${TAG}$`).test(tag)) throw failure('invalid', 'invalid tag format')
  const { domain, path, familiar } = reference
  return { domain, path, familiar, tag }
}

function splitDomain(text: string): { readonly domain: string; readonly remainder: string } {
  const slash = text.indexOf('/')
  if (slash < 0) return { domain: DEFAULT_DOMAIN, remainder: OFFICIAL + text }
  const first = text.slice(0, slash)
  const rest = text.slice(slash + 1)
  const isHub = first === DEFAULT_DOMAIN || first === 'index.docker.io'
  const isDomain = isHub || first === 'localhost' || /[.:]/.test(first) || first.toLowerCase() !== first
  const domain = isDomain && !isHub ? first : DEFAULT_DOMAIN
  const remainder = isDomain ? rest : text
  const isOfficial = domain === DEFAULT_DOMAIN && !remainder.includes('/')
  return { domain, remainder: isOfficial ? OFFICIAL + remainder : remainder }
}

function compose(domain: string, path: string, suffix: { tag?: string; digest?: Digest }): Reference {
  const short = path.startsWith(OFFICIAL) ? path.slice(OFFICIAL.length) : path
  const onHub = short.includes('/') ? path : short
  return {
    domain,
    path,
    familiar: domain === DEFAULT_DOMAIN ? onHub : `${domain}/${path}`,
    ...(suffix.tag !== undefined && { tag: suffix.tag }),
    ...(suffix.digest !== undefined && { digest: suffix.digest }),
  }
}

function checkDigest(text: string | undefined): Digest | undefined {
  if (text === undefined || isDigest(text)) return text
  const [algorithm, hex = ''] = text.split(':')
  if (algorithm !== 'sha256') throw failure('invalid', 'unsupported digest algorithm')
  throw failure('invalid', hex.length === 64 ? 'invalid checksum digest format' : 'invalid checksum digest length')
}

function withSuffix(name: string, { tag, digest }: Reference): string {
  return `${name}${tag === undefined ? '' : `:${tag}`}${digest === undefined ? '' : `@${digest}`}`
}
