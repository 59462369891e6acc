import type { Event } from './base/index.ts'
import type { ContainerEvent } from './containers/index.ts'
import type { ImageEvent } from './images/index.ts'
import type { NetworkEvent } from './networks/index.ts'
import type { VolumeEvent } from './volumes/index.ts'

type Announcement = Omit<Event, 'time'>

/** What the rooms announce, in the form of the event log: Docker's types, actor ids and attributes. */
export const describeEvent = {
  container: ({ action, container, attributes }: ContainerEvent): Announcement => ({
    type: 'container',
    action,
    id: container.id,
    attributes: { ...container.config.labels, image: container.config.image, name: container.name, ...attributes },
  }),

  image: ({ action, id, attributes }: ImageEvent): Announcement => ({ type: 'image', action, id, attributes }),

  network: ({ action, network, containerId }: NetworkEvent): Announcement => ({
    type: 'network',
    action,
    id: network.id,
    attributes: { ...(containerId ? { container: containerId } : {}), name: network.name, type: network.driver },
  }),

  volume: ({ action, volume }: VolumeEvent): Announcement => ({
    type: 'volume',
    action,
    id: volume.name,
    attributes: { driver: volume.driver },
  }),
}
