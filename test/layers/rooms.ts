/** Which rooms a room may import, besides `base`, which all may. The table of docs/architecture.md as data. */
export const ROOMS = {
  base: [],
  kernel: [],
  oci: [],
  'api/types': [],
  store: ['kernel', 'oci'],
  'registry/client': ['oci'],
  networks: ['kernel'],
  volumes: ['kernel'],
  runtime: ['kernel', 'oci'],
  'api/client': ['api/types'],
  images: ['store', 'registry/client', 'oci'],
  'registry/server': ['store', 'oci'],
  containers: ['images', 'runtime', 'networks', 'volumes', 'store', 'oci', 'kernel'],
  builder: ['images', 'runtime', 'networks', 'volumes', 'store', 'oci'],
  'engine-contract': ['images', 'containers', 'builder', 'networks', 'volumes', 'store', 'registry/client', 'oci'],
  'engine-events': ['images', 'containers', 'networks', 'volumes'],
  'engine-facts': ['engine-contract', 'kernel'],
  engine: [
    'engine-events',
    'engine-facts',
    'engine-contract',
    'kernel',
    'oci',
    'store',
    'registry/client',
    'networks',
    'volumes',
    'runtime',
    'images',
    'registry/server',
    'containers',
    'builder',
  ],
  'api/server': [
    'engine-contract',
    'api/types',
    'images',
    'containers',
    'builder',
    'networks',
    'volumes',
    'runtime',
    'store',
    'registry/client',
    'oci',
  ],
  compose: ['api/client', 'api/types', 'oci'],
  web: ['api/client', 'api/types', 'oci'],
  cli: ['api/client', 'api/types', 'oci', 'compose'],
  daemon: ['engine', 'engine-contract', 'engine-facts', 'api/server', 'kernel'],
  bin: ['cli', 'daemon', 'registry/server'],
} as const satisfies Readonly<Record<string, readonly string[]>>

/** Rooms that are one file beside the folders. */
export const SINGLE_FILES: Readonly<Record<string, string>> = {
  'src/engine.ts': 'engine',
  'src/engine-contract.ts': 'engine-contract',
  'src/engine-events.ts': 'engine-events',
  'src/engine-facts.ts': 'engine-facts',
}

/** Modules that only some rooms may use; tests beside the code may use the second kind. */
export const RESTRICTED = [
  { module: 'koffi', rooms: ['kernel'], tests: false },
  { module: 'child_process', rooms: ['cli'], tests: true },
  { module: 'node:child_process', rooms: ['cli'], tests: true },
] as const

/** Files longer than the limit, with their length. Entries may only shrink or go. */
export const LONGEST_FILE = 400
export const LONG_FILES: Readonly<Record<string, number>> = {}
