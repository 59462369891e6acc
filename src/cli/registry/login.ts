import { text } from 'node:stream/consumers'
import { failure, flag } from '../../base/index.ts'
import { defineCommand } from '../command.ts'
import { HUB, openSavedLogins } from './saved-logins.ts'

export const command = defineCommand({
  synopsis: '[OPTIONS] [SERVER]',
  flags: {
    password: flag.string('Password or token', { short: 'p' }),
    'password-stdin': flag.boolean('Take the password from standard input'),
    username: flag.string('Name of the user', { short: 'u' }),
  },
  args: { min: 0, max: 1 },
  run: async ({ client, env, stdin, stdout }, { values, args: [server = HUB] }) => {
    const { username } = values
    const password = values['password-stdin'] ? (await text(stdin)).replace(/\r?\n$/, '') : values.password
    if (username === '' || password === '') {
      throw failure('invalid', 'a name and a password are needed: --username and --password-stdin')
    }
    const body = { username, password, serveraddress: server }
    const answer = await client.json<{ Status: string; IdentityToken?: string }>('POST', '/auth', { body })
    const secret = answer.IdentityToken ? '' : password
    const auth = Buffer.from(`${username}:${secret}`).toString('base64')
    const token = answer.IdentityToken ? { identitytoken: answer.IdentityToken } : {}
    openSavedLogins(env).set(server, { auth, ...token })
    stdout.write(`${answer.Status}\n`)
    return 0
  },
})
