import { existsSync, writeFileSync } from 'node:fs'
import { failure, isKind } from '../../base/index.ts'
import type { Context } from '../command.ts'
import { authHeaders } from '../registry/saved-logins.ts'
import { printTransfer, type TransferLine } from '../registry/transfer-lines.ts'
import type { CreateValues } from './create-flags.ts'
import type { CreateBody } from './create-request.ts'

interface Created {
  readonly Id: string
  readonly Warnings?: readonly string[] | null
}

/** Makes the container; an absent image is pulled unless `--pull never`. Writes the id file, prints warnings. */
export async function createContainer(context: Context, body: CreateBody, values: CreateValues): Promise<string> {
  const { cidfile } = values
  if (cidfile && existsSync(cidfile)) {
    throw failure(
      'invalid',
      `container ID file found, make sure the other container isn't running or delete ${cidfile}`,
    )
  }
  const { Id, Warnings } = await createOrPull(context, body, values)
  for (const warning of Warnings ?? []) context.stderr.write(`WARNING: ${warning}\n`)
  if (cidfile) writeFileSync(cidfile, Id)
  return Id
}

async function createOrPull(context: Context, body: CreateBody, values: CreateValues): Promise<Created> {
  const { client, stderr } = context
  const image = String(body.Image)
  const query = { name: values.name || undefined, platform: values.platform || undefined }
  const create = (): Promise<Created> => client.json<Created>('POST', '/containers/create', { query, body })
  if (values.pull === 'always') await pull(context, image, values)
  try {
    return await create()
  } catch (error) {
    if (!isKind(error, 'not-found') || values.pull !== 'missing' || !String(error).includes('No such image'))
      throw error
    if (!values.quiet)
      stderr.write(`Unable to find image '${image.includes(':') ? image : `${image}:latest`}' locally\n`)
    await pull(context, image, values)
    return await create()
  }
}

async function pull({ client, stderr, env }: Context, image: string, values: CreateValues): Promise<void> {
  const [name, tag] = splitTag(image)
  const query = { fromImage: name, tag, platform: values.platform || undefined }
  const lines = client.lines<TransferLine>('POST', '/images/create', { query, headers: authHeaders(image, env) })
  await printTransfer(lines, { write: (text) => stderr.write(text), quiet: values.quiet })
}

function splitTag(image: string): [string, string] {
  const slash = image.lastIndexOf('/')
  const colon = image.indexOf(':', slash)
  return colon < 0 || image.includes('@')
    ? [image, image.includes('@') ? '' : 'latest']
    : [image.slice(0, colon), image.slice(colon + 1)]
}
