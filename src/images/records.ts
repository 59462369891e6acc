import { type Database, failure, type Row, type Timestamp } from '../base/index.ts'
import {
  type ChainId,
  type Digest,
  familiarName,
  formatReference,
  parseReference,
  type Reference,
} from '../oci/index.ts'
import type { ImageId } from './contract.ts'

/** What the database keeps of an image; everything else is in the content it names. */
export interface ImageRecord {
  readonly id: ImageId
  readonly manifest: { readonly digest: Digest; readonly size: number; readonly mediaType: string }
  /** Kept here too, so that the collector spares the layers of an image whose configuration cannot be read. */
  readonly chainId: ChainId | undefined
  readonly parent: ImageId | undefined
  readonly lastTagged: Timestamp | undefined
}

/** A name points to one image; an image may have many names, with tag or with digest. */
export interface ImageName {
  readonly reference: Reference
  readonly image: ImageId
}

export interface Records {
  get(id: ImageId): ImageRecord | undefined
  all(): readonly ImageRecord[]
  /** Ids that begin with these hex digits, at most `limit` of them. */
  withPrefix(hex: string, limit: number): readonly ImageId[]
  childrenOf(id: ImageId): readonly ImageId[]
  /** Adds the record or replaces the one with that id; names stay. */
  put(record: ImageRecord): void
  /** Removes the record and its names; children lose their parent. */
  delete(id: ImageId): void
  /** The image that has this name: by digest when there is one, else by tag. */
  named(reference: Reference): ImageId | undefined
  /** In the order of their full forms. */
  namesOf(id: ImageId): readonly ImageName[]
  /** All names of one repository, with tag or digest, in order. */
  namesIn(repository: Reference): readonly ImageName[]
  allNames(): ReadonlyMap<ImageId, readonly ImageName[]>
  /** Gives the image this name, taking it from another if need be. `invalid` for a name that reads as an id. */
  setName(name: ImageName): void
  deleteName(reference: Reference): void
}

const SCHEMA = [
  `CREATE TABLE images_records (
     id TEXT PRIMARY KEY,
     manifest TEXT NOT NULL,
     manifest_size INTEGER NOT NULL,
     media_type TEXT NOT NULL,
     chain TEXT,
     parent TEXT REFERENCES images_records (id) ON DELETE SET NULL,
     tagged TEXT
   ) STRICT;
   CREATE INDEX images_records_by_parent ON images_records (parent);
   CREATE TABLE images_names (
     name TEXT PRIMARY KEY,
     repository TEXT NOT NULL,
     image TEXT NOT NULL REFERENCES images_records (id) ON DELETE CASCADE
   ) STRICT;
   CREATE INDEX images_names_by_repository ON images_names (repository);
   CREATE INDEX images_names_by_image ON images_names (image);`,
]

export function createRecords(db: Database): Records {
  db.migrate('images', SCHEMA)

  function put({ id, manifest, chainId, parent, lastTagged }: ImageRecord): void {
    db.run(
      `INSERT INTO images_records (id, manifest, manifest_size, media_type, chain, parent, tagged)
       VALUES (?, ?, ?, ?, ?, (SELECT id FROM images_records WHERE id = ?), ?)
       ON CONFLICT (id) DO UPDATE SET manifest = excluded.manifest, manifest_size = excluded.manifest_size,
         media_type = excluded.media_type, chain = excluded.chain, parent = excluded.parent, tagged = excluded.tagged`,
      id,
      manifest.digest,
      manifest.size,
      manifest.mediaType,
      chainId ?? null,
      parent ?? null,
      lastTagged?.toString() ?? null,
    )
  }

  function setName({ reference, image }: ImageName): void {
    assertUnambiguous(reference)
    db.run(
      `INSERT INTO images_names (name, repository, image) VALUES (?, ?, ?)
       ON CONFLICT (name) DO UPDATE SET image = excluded.image`,
      key(reference),
      repositoryOf(reference),
      image,
    )
  }

  function allNames(): ReadonlyMap<ImageId, readonly ImageName[]> {
    const names = toNames(db.all('SELECT name, image FROM images_names ORDER BY name'))
    return Map.groupBy(names, ({ image }) => image)
  }

  return {
    get: (id) => toRecords(db.all('SELECT * FROM images_records WHERE id = ?', id))[0],
    all: () => toRecords(db.all('SELECT * FROM images_records ORDER BY id')),
    withPrefix: (hex, limit) =>
      toIds(
        db.all(
          'SELECT id FROM images_records WHERE id >= ? AND id < ? ORDER BY id LIMIT ?',
          `sha256:${hex}`,
          `sha256:${hex}g`,
          limit,
        ),
      ),
    childrenOf: (id) => toIds(db.all('SELECT id FROM images_records WHERE parent = ? ORDER BY id', id)),
    put,
    delete: (id) => void db.run('DELETE FROM images_records WHERE id = ?', id),
    named: (reference) =>
      toNames(db.all('SELECT name, image FROM images_names WHERE name = ?', key(reference)))[0]?.image,
    namesOf: (id) => toNames(db.all('SELECT name, image FROM images_names WHERE image = ? ORDER BY name', id)),
    namesIn: (repository) =>
      toNames(
        db.all('SELECT name, image FROM images_names WHERE repository = ? ORDER BY name', repositoryOf(repository)),
      ),
    allNames,
    setName,
    deleteName: (reference) => void db.run('DELETE FROM images_names WHERE name = ?', key(reference)),
  }
}

/** Familiar forms of the names with a tag. */
export function tagsIn(names: readonly ImageName[]): readonly string[] {
  return names.filter(({ reference }) => isTag(reference)).map(({ reference }) => familiarName(reference))
}

/** Familiar forms of the names with a digest. */
export function digestsIn(names: readonly ImageName[]): readonly string[] {
  return names.filter(({ reference }) => !isTag(reference)).map(({ reference }) => familiarName(reference))
}

export function isTag(reference: Reference): boolean {
  return reference.digest === undefined
}

/** `invalid` with Docker's text for a name that reads as an id. */
export function assertUnambiguous({ familiar }: Reference): void {
  if (familiar !== 'sha256') return
  throw failure('invalid', 'refusing to create an ambiguous tag using digest algorithm as name')
}

export function isSameRepository(one: Reference, other: Reference): boolean {
  return repositoryOf(one) === repositoryOf(other)
}

/** A name with tag and digest is kept by its digest alone, which says more. */
function key(reference: Reference): string {
  const { tag, ...rest } = reference
  return formatReference(reference.digest === undefined ? reference : rest)
}

function repositoryOf({ domain, path }: Reference): string {
  return `${domain}/${path}`
}

// Rows hold what the functions above wrote, so their columns are taken at their word.
function toRecords(rows: readonly Row[]): readonly ImageRecord[] {
  return rows.map((row) => ({
    id: row.id as ImageId,
    manifest: {
      digest: row.manifest as Digest,
      size: Number(row.manifest_size),
      mediaType: String(row.media_type),
    },
    chainId: (row.chain as ChainId | null) ?? undefined,
    parent: (row.parent as ImageId | null) ?? undefined,
    lastTagged: row.tagged === null ? undefined : BigInt(row.tagged as string),
  }))
}

function toNames(rows: readonly Row[]): readonly ImageName[] {
  return rows.map((row) => ({ reference: parseReference(String(row.name)), image: row.image as ImageId }))
}

function toIds(rows: readonly Row[]): readonly ImageId[] {
  return rows.map((row) => row.id as ImageId)
}
