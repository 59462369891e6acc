import { readdirSync, readlinkSync, rmSync, symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../base/index.ts'
import { hexOf } from '../oci/index.ts'
import type { LayerRecord } from './layer-records.ts'
import type { StorePaths } from './paths.ts'

/** Where the short name of a layer's folder is. */
export function linkPath(paths: StorePaths, layer: LayerRecord): string {
  return join(paths.links, layer.link)
}

export function linkLayer(paths: StorePaths, layer: LayerRecord): void {
  const path = linkPath(paths, layer)
  rmSync(path, { force: true })
  symlinkSync(targetOf(layer), path)
}

/** Makes the links exactly those of the layers given: they are not synced when they are made. */
export function repairLinks(paths: StorePaths, layers: readonly LayerRecord[]): void {
  const known = new Set(layers.map((layer) => layer.link))
  for (const name of readdirSync(paths.links)) {
    if (!known.has(name)) rmSync(join(paths.links, name), { recursive: true })
  }
  for (const layer of layers) {
    if (readLink(linkPath(paths, layer)) !== targetOf(layer)) linkLayer(paths, layer)
  }
}

function targetOf(layer: LayerRecord): string {
  return join('..', 'layers', hexOf(layer.chainId), 'diff')
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'EINVAL')) return undefined
    throw error
  }
}
