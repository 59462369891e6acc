import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { importBusybox } from '../fixtures/busybox.ts'
import { mustRun } from '../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../fixtures/daemon.ts'
import { LOGIN, startRegistry, type TestRegistry } from '../fixtures/registry.ts'

const OCI_MANIFEST = 'application/vnd.oci.image.manifest.v1+json'

let daemon: TestDaemon
let registry: TestRegistry
let folder: string

before(async () => {
  folder = mkdtempSync(join(tmpdir(), 'slw-compat-registry-'))
  registry = await startRegistry()
  daemon = await startDaemon()
  await importBusybox(daemon)
})
after(async () => {
  await daemon[Symbol.asyncDispose]()
  await registry[Symbol.asyncDispose]()
  rmSync(folder, { recursive: true, force: true })
})

function skopeo(...args: readonly string[]): Promise<{ readonly stdout: string }> {
  return mustRun('skopeo', ['--insecure-policy', ...args])
}

/** Makes the registry have an image, and this daemon none of that name. */
async function push(name: string): Promise<string> {
  await daemon.output(['tag', 'busybox', name])
  const pushed = await daemon.output(['push', name])
  await daemon.output(['rmi', name])
  return pushed
}

test('what is pushed is pulled by skopeo and comes back with the same digests', async () => {
  const name = `${registry.host}/lab/box`
  const id = await daemon.output(['inspect', '-f', '{{.Id}}', 'busybox'])
  await daemon.output(['tag', 'busybox', `${name}:one`])
  const pushed = await daemon.output(['push', `${name}:one`])
  const digest = /^one: digest: (sha256:[0-9a-f]{64}) size: \d+$/m.exec(pushed)?.[1]
  assert.ok(digest, pushed)
  assert.match(pushed, new RegExp(`^The push refers to repository \\[${name}\\]$`, 'm'))
  assert.match(pushed, /: Pushed$/m)
  assert.match(await daemon.output(['push', `${name}:one`]), /: Layer already exists$/m)

  await skopeo('copy', '-q', '--src-tls-verify=false', `docker://${name}:one`, `dir:${folder}/box`)
  const manifest = readFileSync(join(folder, 'box/manifest.json'))
  assert.equal(`sha256:${createHash('sha256').update(manifest).digest('hex')}`, digest)
  await skopeo('copy', '-q', '--dest-tls-verify=false', `dir:${folder}/box`, `docker://${name}:two`)

  await daemon.output(['rmi', '-f', id])
  const pulled = await daemon.output(['pull', `${name}:two`])
  assert.match(pulled, /^two: Pulling from lab\/box\n[0-9a-f]{12}: Pulling fs layer\n/)
  assert.match(pulled, /^[0-9a-f]{12}: Pull complete$/m)
  assert.match(
    pulled,
    new RegExp(`^Digest: ${digest}\nStatus: Downloaded newer image for ${name}:two\n${name}:two$`, 'm'),
  )
  assert.equal(
    await daemon.output(['inspect', '-f', '{{.Id}} {{.RepoDigests}}', `${name}:two`]),
    `${id} [${name}@${digest}]`,
  )
  assert.match(
    await daemon.output(['pull', `${name}:two`]),
    new RegExp(`^Status: Image is up to date for ${name}:two$`, 'm'),
  )
  assert.equal(await daemon.output(['run', '--rm', `${name}@${digest}`, 'echo', 'here']), 'here')
  await daemon.output(['tag', id, 'busybox'])
})

test('an image that skopeo has compressed, in docker’s format, is pulled with its digest', async () => {
  const name = `${registry.host}/lab/gzip:v2`
  await push(`${registry.host}/lab/plain:1`)
  const flags = ['--src-tls-verify=false', '--dest-tls-verify=false', '--dest-compress', '--format', 'v2s2']
  await skopeo('copy', '-q', ...flags, `docker://${registry.host}/lab/plain:1`, `docker://${name}`)
  await daemon.output(['rmi', '-f', await daemon.output(['inspect', '-f', '{{.Id}}', 'busybox'])])
  const { stdout } = await skopeo('inspect', '--tls-verify=false', '-f', '{{.Digest}}', `docker://${name}`)
  assert.match(await daemon.output(['pull', name]), new RegExp(`^Digest: ${stdout.trim()}$`, 'm'))
  assert.equal(await daemon.output(['run', '--rm', name, 'echo', 'unpacked']), 'unpacked')
  assert.match(await daemon.output(['push', name]), new RegExp(`^v2: digest: ${stdout.trim()} size: `, 'm'))
  await daemon.output(['tag', name, 'busybox'])
})

test('an index is pulled by platform, and its digest names the image', async () => {
  const name = `${registry.host}/lab/multi`
  const flags = ['--platform', 'linux/arm64', '--change', 'ENV WHERE=arm', '-']
  const input = (await mustRun('tar', ['-C', folder, '-c', '--files-from', '/dev/null'])).stdoutBytes
  await daemon.output(['import', ...flags, `${name}:arm`], { input })
  await daemon.output(['tag', 'busybox', `${name}:amd`])
  await daemon.output(['push', '-q', `${name}:arm`])
  await daemon.output(['push', '-q', `${name}:amd`])
  const entries = await Promise.all(
    [
      ['arm', 'arm64'],
      ['amd', 'amd64'],
    ].map(async ([tag, architecture]) => {
      const answer = await fetch(`http://${registry.host}/v2/lab/multi/manifests/${tag}`, {
        headers: { accept: `${OCI_MANIFEST}, application/vnd.docker.distribution.manifest.v2+json` },
      })
      const bytes = Buffer.from(await answer.arrayBuffer())
      const digest = `sha256:${createHash('sha256').update(bytes).digest('hex')}`
      const mediaType = answer.headers.get('content-type')
      return { mediaType, digest, size: bytes.length, platform: { os: 'linux', architecture } }
    }),
  )
  const mediaType = 'application/vnd.oci.image.index.v1+json'
  const index = JSON.stringify({ schemaVersion: 2, mediaType, manifests: entries })
  const put = await fetch(`http://${registry.host}/v2/lab/multi/manifests/all`, {
    method: 'PUT',
    headers: { 'content-type': mediaType },
    body: index,
  })
  assert.equal(put.status, 201)
  const copied = `${registry.host}/copied/multi`
  const tls = ['--src-tls-verify=false', '--dest-tls-verify=false']
  await skopeo('copy', '-q', '--all', '--preserve-digests', ...tls, `docker://${name}:all`, `docker://${copied}:all`)
  await daemon.output(['rmi', `${name}:arm`, `${name}:amd`])

  const digest = `sha256:${createHash('sha256').update(index).digest('hex')}`
  assert.match(await daemon.output(['pull', `${copied}:all`]), new RegExp(`^Digest: ${digest}$`, 'm'))
  const amd = await daemon.output(['inspect', '-f', '{{.Architecture}} {{.RepoDigests}}', `${copied}:all`])
  assert.ok(amd.startsWith(`amd64 [${copied}@${digest}`), amd)
  await daemon.output(['pull', '-q', '--platform', 'linux/arm64', `${copied}:all`])
  assert.equal(
    await daemon.output(['inspect', '-f', '{{.Architecture}} {{.Config.Env}}', `${copied}:all`]),
    'arm64 [WHERE=arm]',
  )
  const absent = await daemon.docker(['pull', '--platform', 'linux/s390x', `${copied}:all`])
  assert.match(absent.stderr, /no matching manifest for linux\/s390x in the manifest list entries/)
  const distribution = (await daemon.http('GET', `/distribution/${copied}:all/json`)).json<{
    Descriptor: { digest: string }
    Platforms: { architecture: string }[]
  }>()
  assert.equal(distribution.Descriptor.digest, digest)
  assert.deepEqual(
    distribution.Platforms.map(({ architecture }) => architecture),
    ['arm64', 'amd64'],
  )
})

test('run pulls an absent image and shows it', async () => {
  const name = `${registry.host}/library/hello:1`
  await push(name)
  const { code, stdout, stderr } = await daemon.docker(['run', '--rm', name, 'echo', 'Hello world'])
  assert.deepEqual({ code, stdout }, { code: 0, stdout: 'Hello world\n' })
  const lines = stderr.split('\n').filter((line) => !/fs layer|Verifying|Download complete|Already exists/.test(line))
  assert.equal(lines[0], `Unable to find image '${name}' locally`)
  assert.equal(lines[1], '1: Pulling from library/hello')
  assert.match(lines.at(-3) ?? '', /^Digest: sha256:/)
  assert.equal(lines.at(-2), `Status: Downloaded newer image for ${name}`)
  const own = await daemon.slipway(['run', '--rm', '--pull', 'always', name, 'echo', 'Hello world'])
  assert.equal(own.stdout, 'Hello world\n')
  assert.match(own.stderr, new RegExp(`Status: Image is up to date for ${name}`))
})

test('all tags of a repository are pulled and pushed', async () => {
  const name = `${registry.host}/lab/tags`
  await daemon.output(['tag', 'busybox', `${name}:a`])
  await daemon.output(['tag', 'busybox', `${name}:b`])
  await daemon.output(['push', '-q', '--all-tags', name])
  await daemon.output(['rmi', `${name}:a`, `${name}:b`])
  await daemon.output(['pull', '-q', '--all-tags', name])
  assert.equal(await daemon.output(['images', '--format', '{{.Tag}}', '--filter', `reference=${name}`]), 'a\nb')
})

test('what a registry has not is refused in the words of docker', async () => {
  await push(`${registry.host}/lab/known:1`)
  const cases = [
    [
      ['pull', `${registry.host}/lab/known:2`],
      `manifest for ${registry.host}/lab/known:2 not found: manifest unknown: manifest unknown`,
    ],
    [
      ['push', `${registry.host}/lab/none:1`],
      `An image does not exist locally with the tag: ${registry.host}/lab/none`,
    ],
    [
      ['pull', '127.0.0.1:9/lab/none'],
      'Get "http://127.0.0.1:9/v2/": dial tcp 127.0.0.1:9: connect: connection refused',
    ],
  ] as const
  for (const [args, message] of cases) {
    const { code, stderr } = await daemon.docker(args)
    assert.equal(code, 1)
    assert.equal(stderr.trim().replace(/^Error response from daemon: /, ''), message)
  }
})

test('a registry that wants a name and a password gets them, and nobody is let in without', async () => {
  await using closed = await startRegistry({ login: true })
  const name = `${closed.host}/lab/secret:1`
  await daemon.output(['tag', 'busybox', name])
  assert.match((await daemon.docker(['push', name])).stderr, /no basic auth credentials/)
  const wrong = await daemon.docker(['login', '-u', LOGIN.username, '--password-stdin', closed.host], {
    input: 'guess',
  })
  assert.match(
    wrong.stderr,
    new RegExp(`login attempt to http://${closed.host}/v2/ failed with status: 401 Unauthorized`),
  )
  const login = ['login', '-u', LOGIN.username, '--password-stdin', closed.host]
  assert.match(await daemon.output(login, { input: LOGIN.password }), /Login Succeeded/)
  await daemon.output(['push', '-q', name])
  await daemon.output(['rmi', name])
  await daemon.output(['pull', '-q', name])
  await daemon.output(['logout', closed.host])
  assert.match((await daemon.docker(['pull', name])).stderr, /no basic auth credentials/)
  assert.doesNotMatch(
    daemon.log(),
    new RegExp(`"${LOGIN.password}"|${Buffer.from(`${LOGIN.username}:${LOGIN.password}`).toString('base64')}`),
  )
})

test('slipway logs in, pushes, pulls and logs out as docker does', async () => {
  await using closed = await startRegistry({ login: true })
  const name = `${closed.host}/lab/own:1`
  const run = async (args: readonly string[], input?: string) => {
    const { code, stdout, stderr } = await daemon.slipway(args, input === undefined ? {} : { input })
    assert.equal(code, 0, stderr)
    return stdout
  }
  await daemon.output(['tag', 'busybox', name])
  const login = ['login', '-u', LOGIN.username, '--password-stdin', closed.host]
  assert.equal(await run(login, LOGIN.password), 'Login Succeeded\n')
  assert.match(await run(['push', name]), /^1: digest: sha256:[0-9a-f]{64} size: \d+\n$/m)
  await daemon.output(['pull', '-q', name])
  assert.match(await run(['pull', name]), new RegExp(`^Status: Image is up to date for ${name}\n${name}\n$`, 'm'))
  assert.equal(await run(['logout', closed.host]), `Removing login credentials for ${closed.host}\n`)
  const refused = await daemon.slipway(['pull', name])
  assert.equal(refused.code, 1)
  assert.match(refused.stderr, /no basic auth credentials/)
})
