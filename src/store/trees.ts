import type { Trees } from './contract.ts'
import type { WorkerPool } from './worker/pool.ts'

export function createTrees(workers: WorkerPool): Trees {
  return {
    pack: (root, { path = '/', name = '', whiteouts = false, signal } = {}) =>
      workers.stream('pack', { root, path, name, whiteouts }, { signal }),
    unpack: (root, source, { path = '/', owner, keepTypes = false, signal } = {}) =>
      workers.run('unpack', { root, path, owner, keepTypes }, { input: source, signal }),
    usage: (root) => workers.run('usage', { root }),
    remove: (root) => workers.run('remove', { root }),
  }
}
