import { failure } from '../../../base/index.ts'
import type { ContainerConfig } from '../../../containers/index.ts'
import type { HealthConfig } from '../../../oci/index.ts'
import { adapted, flag, int, int64, keySet, list, map, nullable, omitZero, text, words } from '../json/codec.ts'
import { field, optional, record } from '../json/record.ts'

const healthConfig = record<HealthConfig>('v1.HealthcheckConfig', {
  Test: optional('Test', list(text)),
  Interval: optional('Interval', int64),
  Timeout: optional('Timeout', int64),
  StartPeriod: optional('StartPeriod', int64),
  StartInterval: optional('StartInterval', int64),
  Retries: optional('Retries', int),
})

/** `{"80/tcp": {}}`; a port without protocol is TCP, a range stands for all of its ports. */
const exposedPorts = adapted(keySet({ empty: 'omit' }), {
  decode: (keys) => keys.flatMap(expandPort),
  encode: (ports) => ports,
})

/** Config of a container, both ways: in the body of create and commit, and as inspect shows it. */
export const containerConfig = record<ContainerConfig>('container.Config', {
  hostname: field('Hostname', text, ''),
  domainname: field('Domainname', text, ''),
  user: field('User', text, ''),
  attachStdin: field('AttachStdin', flag, false),
  attachStdout: field('AttachStdout', flag, false),
  attachStderr: field('AttachStderr', flag, false),
  exposedPorts: field('ExposedPorts', exposedPorts, []),
  tty: field('Tty', flag, false),
  openStdin: field('OpenStdin', flag, false),
  stdinOnce: field('StdinOnce', flag, false),
  env: field('Env', list(text), []),
  cmd: field('Cmd', nullable(words()), null),
  healthcheck: optional('Healthcheck', healthConfig),
  image: field('Image', text, ''),
  volumes: field('Volumes', keySet(), []),
  workingDir: field('WorkingDir', text, ''),
  entrypoint: field('Entrypoint', nullable(words()), null),
  networkDisabled: field('NetworkDisabled', omitZero(flag), false),
  macAddress: field('MacAddress', omitZero(text), ''),
  onBuild: field('OnBuild', nullable(list(text)), null),
  labels: field('Labels', map(text), {}),
  stopSignal: field('StopSignal', omitZero(text), ''),
  stopTimeout: optional('StopTimeout', int),
  shell: field('Shell', nullable(words(), { empty: 'omit' }), null),
})

/** Reads `80`, `80/udp` or `8000-8010/tcp` into single ports with protocol. `invalid` for anything else. */
export function expandPort(key: string): readonly string[] {
  const match = /^(\d{1,5})(?:-(\d{1,5}))?(?:\/(tcp|udp|sctp))?$/i.exec(key)
  const first = Number(match?.[1])
  const last = Number(match?.[2] ?? first)
  if (!match || last < first || last > 65_535) {
    throw failure('invalid', `invalid port specification: ${JSON.stringify(key)}`)
  }
  const protocol = (match[3] ?? 'tcp').toLowerCase()
  return Array.from({ length: last - first + 1 }, (_, index) => `${first + index}/${protocol}`)
}
