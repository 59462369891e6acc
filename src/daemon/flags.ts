import { flag, LOG_LEVELS, type LogLevel, parseBytes, type ValuesOf } from '../base/index.ts'

/** The command line of slipwayd: dockerd's names, each with the effect it has there. */
export const DAEMON_FLAGS = {
  'add-runtime': flag.list('Register an additional OCI compatible runtime (NAME=PATH)'),
  bip: flag.string('Address and prefix of the default bridge (172.17.0.1/16)'),
  bridge: flag.string('Name of the default bridge', { short: 'b' }),
  'cgroup-parent': flag.string('Parent cgroup of all containers'),
  'config-file': flag.string('Configuration file', { initial: '/etc/slipway/daemon.json' }),
  'data-root': flag.string('Root folder of persistent state', { initial: '/var/lib/slipway' }),
  debug: flag.boolean('Log at debug level', { short: 'D' }),
  'default-runtime': flag.string('Runtime of containers that ask for none', { initial: 'crun' }),
  'default-shm-size': flag.custom('Size of /dev/shm in containers', {
    type: 'bytes',
    initial: 64 * 1024 * 1024,
    parse: parseBytes,
  }),
  'default-ulimit': flag.list('Ulimits of containers that ask for none (NAME=SOFT[:HARD])'),
  dns: flag.list('DNS servers of containers'),
  'dns-opt': flag.list('DNS options of containers'),
  'dns-search': flag.list('DNS search domains of containers'),
  'exec-root': flag.string('Root folder of run-time state', { initial: '/run/slipway' }),
  group: flag.string('Group of the unix socket; docker where the host has it', { short: 'G' }),
  help: flag.boolean('Print usage', { short: 'h' }),
  host: flag.list('Socket to listen on: unix://PATH, tcp://ADDRESS:PORT or fd://', { short: 'H' }),
  'insecure-registry': flag.list('Registry (HOST[:PORT] or CIDR) without a good certificate, or without TLS'),
  label: flag.list('Key=value labels of this daemon'),
  'live-restore': flag.boolean('Leave containers running when the daemon stops', { initial: true }),
  'log-level': flag.custom<LogLevel>('Least level that is logged', {
    short: 'l',
    initial: 'info',
    parse: parseLogLevel,
  }),
  mtu: flag.integer('Largest packet on the default bridge', { initial: 1500 }),
  pidfile: flag.string('File that holds the daemon’s process id', { short: 'p' }),
  'registry-mirror': flag.list('Address that is asked before Docker Hub'),
  'shutdown-timeout': flag.integer('Seconds that containers get to stop when the daemon stops them', { initial: 15 }),
  tls: flag.boolean('Use TLS on TCP sockets; implied by --tlsverify'),
  tlscacert: flag.string('Trust clients whose certificate this CA signed', { initial: '/etc/slipway/ca.pem' }),
  tlscert: flag.string('Certificate of the server', { initial: '/etc/slipway/cert.pem' }),
  tlskey: flag.string('Key of the server', { initial: '/etc/slipway/key.pem' }),
  tlsverify: flag.boolean('Use TLS and ask clients for a certificate'),
  validate: flag.boolean('Check the configuration and quit'),
  version: flag.boolean('Print version information and quit', { short: 'v' }),
} as const

export type DaemonValues = ValuesOf<typeof DAEMON_FLAGS>

function parseLogLevel(text: string): LogLevel {
  const level = text.toLowerCase() === 'warning' ? 'warn' : text.toLowerCase()
  const found = LOG_LEVELS.find((known) => known === level)
  if (found) return found
  throw new Error(`not a valid log level, want one of ${LOG_LEVELS.join(', ')}`)
}
