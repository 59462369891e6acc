import type { Command } from './command.ts'

/** An entry of the command table: what help shows, and where the code lies. Only the chosen command is loaded. */
export interface Entry {
  readonly summary: string
  /** Further names: the first is the top-level shortcut that help lists. */
  readonly aliases?: readonly string[]
  readonly load: () => Promise<{ readonly command: Command }>
}

/** Groups of commands with the sentence that help prints. */
export const GROUPS: Readonly<Record<string, string>> = {
  container: 'Manage containers',
  image: 'Manage images',
  network: 'Manage networks',
  system: 'Manage Slipway',
  volume: 'Manage volumes',
}

/** Every command by its full name. */
export const COMMANDS: Readonly<Record<string, Entry>> = {
  'container attach': {
    summary: 'Connect this terminal to a running container',
    aliases: ['attach'],
    load: () => import('./container/attach.ts'),
  },
  'container commit': {
    summary: 'Make an image of what a container has become',
    aliases: ['commit'],
    load: () => import('./container/commit.ts'),
  },
  'container create': {
    summary: 'Make a container without starting it',
    aliases: ['create'],
    load: () => import('./container/create.ts'),
  },
  'container diff': {
    summary: 'List what a container has changed in its files',
    aliases: ['diff'],
    load: () => import('./container/diff.ts'),
  },
  'container exec': {
    summary: 'Run one more command inside a running container',
    aliases: ['exec'],
    load: () => import('./container/exec.ts'),
  },
  'container export': {
    summary: 'Write the files of a container as a tar archive',
    aliases: ['export'],
    load: () => import('./container/export.ts'),
  },
  'container inspect': {
    summary: 'Show everything known about containers, as JSON',
    load: () => import('./container/inspect.ts'),
  },
  'container kill': {
    summary: 'Send a signal to running containers (SIGKILL by default)',
    aliases: ['kill'],
    load: () => import('./container/kill.ts'),
  },
  'container logs': {
    summary: 'Print what a container has written',
    aliases: ['logs'],
    load: () => import('./container/logs.ts'),
  },
  'container ls': {
    summary: 'List containers and their state',
    aliases: ['ps', 'container list', 'container ps'],
    load: () => import('./container/ls.ts'),
  },
  'container pause': {
    summary: 'Freeze all processes of containers',
    aliases: ['pause'],
    load: () => import('./container/pause.ts'),
  },
  'container rename': {
    summary: 'Give a container another name',
    aliases: ['rename'],
    load: () => import('./container/rename.ts'),
  },
  'container restart': {
    summary: 'Stop and start containers',
    aliases: ['restart'],
    load: () => import('./container/restart.ts'),
  },
  'container rm': {
    summary: 'Delete containers',
    aliases: ['rm', 'container remove'],
    load: () => import('./container/rm.ts'),
  },
  'container run': {
    summary: 'Make a container from an image and run it',
    aliases: ['run'],
    load: () => import('./container/run.ts'),
  },
  'container start': {
    summary: 'Start containers that have been made or stopped',
    aliases: ['start'],
    load: () => import('./container/start.ts'),
  },
  'container stats': {
    summary: 'Show what containers use, as it changes',
    aliases: ['stats'],
    load: () => import('./container/stats.ts'),
  },
  'container stop': {
    summary: 'Ask containers to end, then make them',
    aliases: ['stop'],
    load: () => import('./container/stop.ts'),
  },
  'container unpause': {
    summary: 'Let frozen containers go on',
    aliases: ['unpause'],
    load: () => import('./container/unpause.ts'),
  },
  'container update': {
    summary: 'Change limits of containers',
    aliases: ['update'],
    load: () => import('./container/update.ts'),
  },
  'container wait': {
    summary: 'Wait for containers to end and print their exit codes',
    aliases: ['wait'],
    load: () => import('./container/wait.ts'),
  },
  'image history': {
    summary: 'Show the layers and steps that made an image',
    aliases: ['history'],
    load: () => import('./image/history.ts'),
  },
  'image import': {
    summary: 'Make an image of one layer from a tar archive',
    aliases: ['import'],
    load: () => import('./image/import.ts'),
  },
  'image inspect': {
    summary: 'Show everything known about images, as JSON',
    load: () => import('./image/inspect.ts'),
  },
  'image load': {
    summary: 'Read images from an archive made by save',
    aliases: ['load'],
    load: () => import('./image/load.ts'),
  },
  'image ls': {
    summary: 'List the images of this engine',
    aliases: ['images', 'image list'],
    load: () => import('./image/ls.ts'),
  },
  'image prune': {
    summary: 'Delete images that nothing uses',
    load: () => import('./image/prune.ts'),
  },
  'image pull': {
    summary: 'Bring an image out of a registry',
    aliases: ['pull'],
    load: () => import('./image/pull.ts'),
  },
  'image push': {
    summary: 'Send an image to a registry',
    aliases: ['push'],
    load: () => import('./image/push.ts'),
  },
  'image rm': {
    summary: 'Remove names of images, and the images left without one',
    aliases: ['rmi', 'image remove'],
    load: () => import('./image/rm.ts'),
  },
  'image save': {
    summary: 'Write images to one archive',
    aliases: ['save'],
    load: () => import('./image/save.ts'),
  },
  'image tag': {
    summary: 'Give an image one more name',
    aliases: ['tag'],
    load: () => import('./image/tag.ts'),
  },
  inspect: {
    summary: 'Show everything known about objects of any type, as JSON',
    load: () => import('./system/inspect.ts'),
  },
  'network connect': {
    summary: 'Put a container on one more network',
    load: () => import('./network/connect.ts'),
  },
  'network create': {
    summary: 'Make a network',
    load: () => import('./network/create.ts'),
  },
  'network disconnect': {
    summary: 'Take a container off a network',
    load: () => import('./network/disconnect.ts'),
  },
  'network inspect': {
    summary: 'Show everything known about networks, as JSON',
    load: () => import('./network/inspect.ts'),
  },
  'network ls': {
    summary: 'List networks',
    aliases: ['network list'],
    load: () => import('./network/ls.ts'),
  },
  'network prune': {
    summary: 'Remove networks that nobody uses',
    load: () => import('./network/prune.ts'),
  },
  'network rm': {
    summary: 'Delete networks',
    aliases: ['network remove'],
    load: () => import('./network/rm.ts'),
  },
  login: {
    summary: 'Remember name and password for a registry',
    load: () => import('./registry/login.ts'),
  },
  logout: {
    summary: 'Forget name and password for a registry',
    load: () => import('./registry/logout.ts'),
  },
  'system events': {
    summary: 'Print what happens in the engine, as it happens',
    aliases: ['events'],
    load: () => import('./system/events.ts'),
  },
  'system info': {
    summary: 'Show facts about the engine and its host',
    aliases: ['info'],
    load: () => import('./system/info.ts'),
  },
  version: {
    summary: 'Show the versions of client and engine',
    load: () => import('./system/version.ts'),
  },
}

export interface Found {
  readonly name: string
  readonly entry: Entry
  /** The words behind the command's name. */
  readonly rest: readonly string[]
}

/** Finds the command that a command line begins with; undefined when there is none. */
export function findCommand(words: readonly string[]): Found | undefined {
  for (const length of [2, 1]) {
    const typed = words.slice(0, length).join(' ')
    if (words.length < length) continue
    for (const [name, entry] of Object.entries(COMMANDS)) {
      if (name === typed || entry.aliases?.includes(typed)) return { name, entry, rest: words.slice(length) }
    }
  }
  return undefined
}
