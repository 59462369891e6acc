import { failure, flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'
import { encodeFilters, FILTER } from '../filters.ts'
import { humanAgo, humanSize } from '../format/units.ts'
import { formatListing } from '../listing.ts'

interface ImageSummary {
  readonly Id: string
  readonly RepoTags: readonly string[] | null
  readonly RepoDigests: readonly string[] | null
  readonly Created: number
  readonly Size: number
}

const COLUMNS = {
  Repository: 'REPOSITORY',
  Tag: 'TAG',
  Digest: 'DIGEST',
  ID: 'IMAGE ID',
  CreatedSince: 'CREATED',
  CreatedAt: 'CREATED AT',
  Size: 'SIZE',
} as const

export const command = defineCommand({
  synopsis: '[OPTIONS] [REPOSITORY[:TAG]]',
  flags: {
    all: flag.boolean('Show intermediate images too', { short: 'a' }),
    digests: flag.boolean('Show digests'),
    filter: FILTER,
    format: flag.string('Format by table, json or a Go template'),
    'no-trunc': flag.boolean('Do not shorten'),
    quiet: flag.boolean('Print ids alone', { short: 'q' }),
  },
  args: { min: 0, max: 1 },
  run: async ({ client, stdout }, { values, args }) => {
    const conditions = [...values.filter, ...args.map((name) => `reference=${name}`)]
    const query = { all: values.all ? 1 : undefined, filters: encodeFilters(conditions) }
    const images = await client.json<ImageSummary[]>('GET', '/images/json', { query })
    const rows = images.flatMap((image) => describe(image, { whole: values['no-trunc'], digests: values.digests }))
    if (values.quiet && values.format === '') {
      stdout.write(rows.map(({ ID }) => `${ID}\n`).join(''))
      return 0
    }
    if (values.quiet) throw failure('invalid', '--quiet and --format exclude each other')
    const shown = ['Repository', 'Tag', ...(values.digests ? ['Digest'] : []), 'ID', 'CreatedSince', 'Size']
    stdout.write(formatListing(rows, { columns: COLUMNS, shown, format: values.format }))
    return 0
  },
})

/** One row for each name; an image without any has one row of `<none>`. */
function describe(image: ImageSummary, { whole, digests }: { whole: boolean; digests: boolean }) {
  const common = {
    ID: whole ? image.Id : image.Id.replace(/^sha256:/, '').slice(0, 12),
    CreatedSince: humanAgo(image.Created * 1000),
    CreatedAt: new Date(image.Created * 1000).toISOString().replace('T', ' ').replace('.000Z', ' +0000 UTC'),
    Size: humanSize(image.Size, 3),
  }
  const digestOf = new Map((image.RepoDigests ?? []).map((text) => text.split('@', 2) as [string, string]))
  const tags = (image.RepoTags ?? []).map((text) => {
    const at = text.lastIndexOf(':')
    const Repository = text.slice(0, at)
    return { Repository, Tag: text.slice(at + 1), Digest: digestOf.get(Repository) ?? '<none>', ...common }
  })
  if (tags.length > 0) return tags
  const untagged = digests
    ? Array.from(digestOf, ([Repository, Digest]) => ({ Repository, Tag: '<none>', Digest, ...common }))
    : []
  return untagged.length > 0 ? untagged : [{ Repository: '<none>', Tag: '<none>', Digest: '<none>', ...common }]
}
