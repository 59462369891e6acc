import type { ExecutionConfig } from '../../oci/index.ts'
import type { ContainerConfig } from '../contract.ts'

/** What an image made of a container says about running it. */
export function executionConfigOf(config: ContainerConfig): ExecutionConfig {
  const { user, env, entrypoint, cmd, workingDir, labels, stopSignal, healthcheck, onBuild, shell } = config
  return {
    ...(user !== '' && { User: user }),
    ...(config.exposedPorts.length > 0 && { ExposedPorts: setOf(config.exposedPorts) }),
    ...(env.length > 0 && { Env: env }),
    ...(entrypoint && { Entrypoint: entrypoint }),
    ...(cmd && { Cmd: cmd }),
    ...(config.volumes.length > 0 && { Volumes: setOf(config.volumes) }),
    ...(workingDir !== '' && { WorkingDir: workingDir }),
    ...(Object.keys(labels).length > 0 && { Labels: labels }),
    ...(stopSignal !== '' && { StopSignal: stopSignal }),
    ...(config.stopTimeout !== undefined && { StopTimeout: config.stopTimeout }),
    ...(healthcheck && { Healthcheck: healthcheck }),
    ...(onBuild && { OnBuild: onBuild }),
    ...(shell && { Shell: shell }),
  }
}

/** Completes what was asked for from what the container has, with Docker's rules. */
export function completeExecution(asked: ExecutionConfig, container: ExecutionConfig): ExecutionConfig {
  const named = new Set(asked.Env?.map(nameOf))
  const env = [...(asked.Env ?? []), ...(container.Env ?? []).filter((entry) => !named.has(nameOf(entry)))]
  return {
    ...container,
    ...asked,
    ...(env.length > 0 && { Env: env }),
    ...commandOf(asked, container),
    ...union('ExposedPorts', { asked, container }),
    ...union('Volumes', { asked, container }),
    ...union('Labels', { asked, container }),
    ...(container.Healthcheck && { Healthcheck: { ...container.Healthcheck, ...asked.Healthcheck } }),
  }
}

/** An entry point of its own keeps the container's command out. */
function commandOf(asked: ExecutionConfig, container: ExecutionConfig): Pick<ExecutionConfig, 'Cmd' | 'Entrypoint'> {
  if (asked.Entrypoint?.length) return { Entrypoint: asked.Entrypoint, Cmd: asked.Cmd ?? null }
  return {
    Cmd: asked.Cmd?.length ? asked.Cmd : (container.Cmd ?? null),
    Entrypoint: asked.Entrypoint ?? container.Entrypoint ?? null,
  }
}

function union(
  field: 'ExposedPorts' | 'Volumes' | 'Labels',
  { asked, container }: { readonly asked: ExecutionConfig; readonly container: ExecutionConfig },
): ExecutionConfig {
  const members = { ...container[field], ...asked[field] }
  return Object.keys(members).length > 0 ? { [field]: members } : {}
}

function setOf(names: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]))
}

function nameOf(entry: string): string {
  return entry.split('=', 1)[0] ?? ''
}
