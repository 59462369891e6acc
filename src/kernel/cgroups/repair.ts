import { mkdirSync, rmdirSync } from 'node:fs'
import { join } from 'node:path'
import { mount } from '../mounts/mounts.ts'
import type { CgroupLayout } from './layout.ts'
import { readIfThere } from './tree.ts'

/** Mounts what a hybrid host left on its unified hierarchy as v1 beside the others; gives the controllers' names. */
export function mountLeftControllers({ mode, unified }: CgroupLayout): readonly string[] {
  if (mode !== 'hybrid' || unified === undefined) return []
  const left = (readIfThere(join(unified, 'cgroup.controllers')) ?? '').split(/\s+/).filter(Boolean)
  for (const controller of left) mountController(controller, join(unified, '..', controller))
  return left
}

function mountController(controller: string, target: string): void {
  const made = mkdirSync(target, { recursive: true }) !== undefined
  try {
    mount({ source: controller, target, type: 'cgroup', data: controller })
  } catch (error) {
    if (made) rmdirSync(target)
    throw error
  }
}
