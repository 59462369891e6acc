import { readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { hasCode } from '../../base/index.ts'

/** Whether conmon still holds the other end of the pipe that the process has as its standard input. */
export function isInputOpen({ init, conmon }: { readonly init: number; readonly conmon: number }): boolean {
  const pipe = linkOf(`/proc/${init}/fd/0`)
  if (pipe === undefined || !pipe.startsWith('pipe:')) return false
  return fdsOf(conmon).some((path) => linkOf(path) === pipe)
}

function fdsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  try {
    return readdirSync(folder).map((fd) => join(folder, fd))
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH')) return []
    throw error
  }
}

function linkOf(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch (error) {
    if (hasCode(error, 'ENOENT', 'ESRCH', 'EACCES')) return undefined
    throw error
  }
}
