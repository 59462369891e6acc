import { defineCommand } from '../command.ts'
import { HUB, openSavedLogins } from './saved-logins.ts'

export const command = defineCommand({
  synopsis: '[SERVER]',
  flags: {},
  args: { min: 0, max: 1 },
  run: async ({ env, stdout }, { args: [server = HUB] }) => {
    const logins = openSavedLogins(env)
    if (!logins.get(server)) {
      stdout.write(`Not logged in to ${server}\n`)
      return 0
    }
    logins.set(server, undefined)
    stdout.write(`Removing login credentials for ${server}\n`)
    return 0
  },
})
