import { isKind } from '../base/index.ts'
import { familiarName, type Reference } from '../oci/index.ts'
import type { Catalog } from './catalog.ts'
import type { ImageEvent, ImageId } from './contract.ts'
import type { Records } from './records.ts'

export interface Announcer {
  /** Docker's attributes: the labels of the image, while there is one, and its name; the id when none is given. */
  describe(action: ImageEvent['action'], id: ImageId, name?: Reference): ImageEvent
  /** Describes and emits. */
  announce(action: ImageEvent['action'], id: ImageId, name?: Reference): void
  emit(event: ImageEvent): void
}

export function createAnnouncer({
  records,
  catalog,
  emit,
}: {
  readonly records: Records
  readonly catalog: Catalog
  readonly emit: (event: ImageEvent) => void
}): Announcer {
  function labelsOf(id: ImageId): Readonly<Record<string, string>> {
    const record = records.get(id)
    if (!record) return {}
    try {
      return catalog.open(record).config.config?.Labels ?? {}
    } catch (error) {
      if (isKind(error, 'corrupt')) return {}
      throw error
    }
  }

  const describe: Announcer['describe'] = (action, id, name) => ({
    action,
    id,
    attributes: { ...labelsOf(id), name: name ? familiarName(name) : id },
  })
  return { describe, announce: (action, id, name) => emit(describe(action, id, name)), emit }
}
