import { rmdirSync, statSync, unlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { failure, hasCode, isKind } from '../../base/index.ts'
import { inflate } from '../compression.ts'
import { hostPath, quote } from '../tar/name.ts'
import { TarParser } from '../tar/parser.ts'
import { findChanges } from '../tree/changes.ts'
import { TreeExtractor } from '../tree/extractor.ts'
import { packTree } from '../tree/packer.ts'
import { removeContent } from '../tree/remover.ts'
import { measureContent } from '../tree/usage.ts'
import { createTurns, type Job, type JobContext, openFolder } from './job.ts'

export const pack: Job<'pack'> = async ({ root, path, name, whiteouts }, context) => {
  // A container's root is a link of /proc.
  using folder = openFolder(root, { follow: true })
  const steps = packTree({ path: absolute(path), name, whiteouts })
  const next = () => context.confinement.inside(folder.fd, () => steps.next())
  const turns = createTurns(context.signal)
  try {
    for (let step = next(); !step.done; step = next()) {
      await context.send(step.value)
      await turns.breathe()
    }
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT')) throw cause
    throw failure('not-found', `no such file or directory: ${quote(path)}`, { cause })
  } finally {
    context.confinement.inside(folder.fd, () => steps.return())
  }
  return undefined
}

export const unpack: Job<'unpack'> = async ({ root, path, owner, keepTypes }, context) => {
  using folder = openFolder(root, { follow: true })
  const { inside } = context.confinement
  const base = absolute(path)
  inside(folder.fd, () => assertFolder(base))
  const extractor = new TreeExtractor({ base, owner, keepTypes })
  const parser = new TarParser(extractor)
  const turns = createTurns(context.signal)
  const { stream } = await inflate(context.input, { signal: context.signal })
  try {
    for await (const bytes of stream) {
      await turns.breathe()
      inside(folder.fd, () => parser.write(bytes))
    }
    parser.finish()
    inside(folder.fd, () => extractor.finish())
  } finally {
    extractor.close()
  }
  return undefined
}

export const changes: Job<'changes'> = async ({ upper, lowers, hidden }, context) => {
  using folder = openFolder(upper)
  const { inside, outside } = context.confinement
  const members = new Set(hidden.map((path) => absolute(path).slice(1)))
  const steps = findChanges({ lowers, hidden: members, outside: (work) => outside(folder.fd, work) })
  const turns = createTurns(context.signal)
  for (;;) {
    const step = inside(folder.fd, () => steps.next())
    if (step.done) return step.value
    await turns.breathe()
  }
}

export const usage: Job<'usage'> = async ({ root }, context) => {
  try {
    return await walk(root, { steps: measureContent(), context })
  } catch (error) {
    if (isKind(error, 'not-found')) return 0
    throw error
  }
}

export const remove: Job<'remove'> = async ({ root }, context) => {
  try {
    await walk(root, { steps: removeContent(), context })
    rmdirSync(root)
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined
    if (!isKind(error, 'not-found')) throw error
    removeFile(root)
  }
  return undefined
}

/** Runs all steps of some work inside a folder, in turns with other jobs. */
async function walk<T>(
  root: string,
  { steps, context }: { steps: Generator<void, T, void>; context: JobContext },
): Promise<T> {
  using folder = openFolder(root)
  const turns = createTurns(context.signal)
  for (;;) {
    const step = context.confinement.inside(folder.fd, () => steps.next())
    if (step.done) return step.value
    await turns.breathe()
  }
}

/** What is no folder may be a file, or nothing. */
function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error
  }
}

function assertFolder(path: string): void {
  try {
    if (statSync(hostPath(path)).isDirectory()) return
  } catch (cause) {
    if (!hasCode(cause, 'ENOENT', 'ENOTDIR', 'ELOOP')) throw cause
    throw failure('not-found', `no such file or directory: ${quote(path)}`, { cause })
  }
  throw failure('invalid', `not a directory: ${quote(path)}`)
}

/** Whatever `..` it holds, the thread's root is above it. */
function absolute(path: string): string {
  return posix.resolve('/', path)
}
