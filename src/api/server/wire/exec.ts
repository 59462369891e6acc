import type { Exec, ExecRequest } from '../../../containers/index.ts'
import type { ExecInspect } from '../../types/index.ts'
import { flag, list, text } from '../json/codec.ts'
import { field, optional, record } from '../json/record.ts'
import { windowSize } from './host-config.ts'

type ExecBody = Omit<ExecRequest, 'detachKeys'> & { readonly detachKeys: string }

/** Body of `POST /containers/{id}/exec`. */
export const execBody = record<ExecBody>('container.ExecOptions', {
  user: field('User', text, ''),
  privileged: field('Privileged', flag, false),
  tty: field('Tty', flag, false),
  consoleSize: optional('ConsoleSize', windowSize),
  attachStdin: field('AttachStdin', flag, false),
  attachStderr: field('AttachStderr', flag, false),
  attachStdout: field('AttachStdout', flag, false),
  detachKeys: field('DetachKeys', text, ''),
  env: field('Env', list(text), []),
  workingDir: field('WorkingDir', text, ''),
  cmd: field('Cmd', list(text), []),
})

export interface ExecStartBody {
  readonly detach: boolean
  readonly tty: boolean
  readonly consoleSize?: { readonly rows: number; readonly columns: number } | undefined
}

/** Body of `POST /exec/{id}/start`. */
export const execStartBody = record<ExecStartBody>('container.ExecStartOptions', {
  detach: field('Detach', flag, false),
  tty: field('Tty', flag, false),
  consoleSize: optional('ConsoleSize', windowSize),
})

export function encodeExec({ id, containerId, request, state, pid, exitCode, canRemove }: Exec): ExecInspect {
  const [entrypoint = '', ...args] = request.cmd
  return {
    ID: id,
    Running: state === 'running',
    ExitCode: exitCode ?? null,
    ProcessConfig: {
      tty: request.tty,
      entrypoint,
      arguments: args,
      privileged: request.privileged,
      ...(request.user !== '' && { user: request.user }),
    },
    OpenStdin: request.attachStdin,
    OpenStderr: request.attachStderr,
    OpenStdout: request.attachStdout,
    CanRemove: canRemove,
    ContainerID: containerId,
    DetachKeys: Buffer.from(request.detachKeys ?? '').toString('base64'),
    Pid: pid,
  }
}
