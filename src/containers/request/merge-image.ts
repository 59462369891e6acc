import { failure } from '../../base/index.ts'
import type { ExecutionConfig, HealthConfig } from '../../oci/index.ts'
import type { ContainerConfig } from '../contract.ts'

/**
 * Completes what was asked for from the image, with Docker's rules: the request wins; an entry point of its own keeps
 * the image's command out; `['']` clears the entry point. `invalid` when no command is left.
 */
export function mergeImageConfig(config: ContainerConfig, image: ExecutionConfig): ContainerConfig {
  const { cmd, entrypoint } = mergeCommand(config, image)
  if (!entrypoint?.length && !cmd?.length) throw failure('invalid', 'no command specified')
  return {
    ...config,
    cmd,
    entrypoint,
    user: config.user || (image.User ?? ''),
    workingDir: config.workingDir || (image.WorkingDir ?? ''),
    stopSignal: config.stopSignal || (image.StopSignal ?? ''),
    env: mergeEnv(config.env, image.Env ?? []),
    labels: sortKeys({ ...image.Labels, ...config.labels }),
    exposedPorts: union(config.exposedPorts, Object.keys(image.ExposedPorts ?? {}).map(withProtocol)),
    volumes: union(config.volumes, Object.keys(image.Volumes ?? {})),
    healthcheck: mergeHealthcheck(config.healthcheck, image.Healthcheck),
  }
}

function mergeCommand(
  { cmd, entrypoint }: Pick<ContainerConfig, 'cmd' | 'entrypoint'>,
  image: ExecutionConfig,
): Pick<ContainerConfig, 'cmd' | 'entrypoint'> {
  if (entrypoint?.length) {
    const isCleared = entrypoint.length === 1 && entrypoint[0] === ''
    return { cmd, entrypoint: isCleared ? null : entrypoint }
  }
  return {
    cmd: cmd?.length ? cmd : (image.Cmd ?? null),
    entrypoint: entrypoint ?? image.Entrypoint ?? null,
  }
}

/** What was asked for, then the image's variables that it does not name; an entry without `=` names one, too. */
function mergeEnv(asked: readonly string[], image: readonly string[]): readonly string[] {
  const named = new Set(asked.map(nameOf))
  return [...asked, ...image.filter((entry) => !named.has(nameOf(entry)))]
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? ''
}

/** Field by field: zero and nothing mean that the image decides. */
function mergeHealthcheck(
  asked: HealthConfig | undefined,
  image: HealthConfig | undefined,
): ContainerConfig['healthcheck'] {
  if (!asked || !image) return asked ?? image
  const chosen = Object.entries(asked).filter(([, value]) => (Array.isArray(value) ? value.length > 0 : Boolean(value)))
  return { ...image, ...Object.fromEntries(chosen) }
}

/** `80` is `80/tcp`. */
function withProtocol(port: string): string {
  return port.includes('/') ? port : `${port}/tcp`
}

function union(some: readonly string[], others: readonly string[]): readonly string[] {
  return Array.from(new Set([...some, ...others])).toSorted()
}

function sortKeys(labels: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(labels).toSorted(([one], [other]) => (one < other ? -1 : 1)))
}
