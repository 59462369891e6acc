import { failure } from '../../../base/index.ts'
import type { Engine } from '../../../engine-contract.ts'
import { type Call, json, type Reply, type Route } from '../http/call.ts'
import { containerConfig } from '../wire/container-config.ts'
import { readRepository } from './images.ts'

/** The route that makes images of containers. */
export function commitRoutes({ containers }: Engine): readonly Route[] {
  async function commit({ query, body }: Call): Promise<Reply> {
    const name = query.text('container')
    if (name === undefined) throw failure('not-found', 'No such container: ')
    const image = await containers.commit(name, {
      reference: readRepository(query),
      config: await body.json(containerConfig),
      changes: query.all('changes').flatMap((text) => text.split('\n')),
      comment: query.text('comment') ?? '',
      author: query.text('author') ?? '',
      pause: query.text('pause') === undefined || query.flag('pause'),
    })
    return json(201, { Id: image.id })
  }

  return [{ method: 'POST', path: '/commit', handler: commit }]
}
