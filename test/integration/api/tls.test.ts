import assert from 'node:assert/strict'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { importBusybox } from '../../fixtures/busybox.ts'
import { mustRun } from '../../fixtures/command.ts'
import { startDaemon, type TestDaemon } from '../../fixtures/daemon.ts'

const skip = existsSync('/usr/bin/openssl') ? false : 'openssl is not installed'

const VERSION = ['version', '-f', '{{.Server.APIVersion}}']

let folder: string
let daemon: TestDaemon
let port: number

before(async () => {
  if (skip) return
  folder = mkdtempSync(join(tmpdir(), 'slipway-tls-'))
  await makeAuthority('ca')
  await makeAuthority('stranger')
  await makeCertificate('server', { authority: 'ca', extension: 'subjectAltName=IP:127.0.0.1' })
  await makeCertificate('client', { authority: 'ca', extension: 'extendedKeyUsage=clientAuth' })
  await makeCertificate('intruder', { authority: 'stranger', extension: 'extendedKeyUsage=clientAuth' })
  port = await freePort()
  const files = ['--tlscacert', file('ca.pem'), '--tlscert', file('server.pem'), '--tlskey', file('server.key')]
  daemon = await startDaemon({ args: ['--host', `tcp://127.0.0.1:${port}`, '--tlsverify', ...files] })
})
after(async () => {
  await daemon?.[Symbol.asyncDispose]()
  if (folder) rmSync(folder, { recursive: true })
})

function file(name: string): string {
  return join(folder, name)
}

async function makeAuthority(name: string): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file(`${name}.key`)]
  await mustRun('openssl', ['req', '-x509', ...key, '-out', file(`${name}.pem`), '-days', '2', '-subj', `/CN=${name}`])
}

async function makeCertificate(
  name: string,
  { authority, extension }: { authority: string; extension: string },
): Promise<void> {
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', file(`${name}.key`)]
  await mustRun('openssl', ['req', ...key, '-out', file(`${name}.csr`), '-subj', `/CN=${name}`])
  writeFileSync(file(`${name}.ext`), extension)
  const signer = ['-CA', file(`${authority}.pem`), '-CAkey', file(`${authority}.key`), '-CAcreateserial', '-days', '2']
  const request = [
    'x509',
    '-req',
    '-in',
    file(`${name}.csr`),
    '-extfile',
    file(`${name}.ext`),
    '-out',
    file(`${name}.pem`),
  ]
  await mustRun('openssl', [...request, ...signer])
}

async function freePort(): Promise<number> {
  const { promise, resolve } = Promise.withResolvers<number>()
  const server = createServer().listen(0, '127.0.0.1', () => {
    const address = server.address()
    server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0))
  })
  return promise
}

function connect(identity: string, { authority = 'ca', input = '', args = VERSION } = {}) {
  const files = [
    '--tlscacert',
    file(`${authority}.pem`),
    '--tlscert',
    file(`${identity}.pem`),
    '--tlskey',
    file(`${identity}.key`),
  ]
  return daemon.docker(['-H', `tcp://127.0.0.1:${port}`, '--tlsverify', ...files, ...args], { input })
}

test('a client with a certificate of the authority is served', { skip }, async () => {
  const { code, stdout, stderr } = await connect('client')
  assert.deepEqual([code, stdout], [0, '1.51\n'], stderr)
})

test('a client with another certificate is refused, and so is one without', { skip }, async () => {
  const intruder = await connect('intruder')
  assert.equal(intruder.code, 1)
  assert.match(intruder.stderr, /certificate|tls/i)
  const plain = await daemon.docker(['-H', `tcp://127.0.0.1:${port}`, 'version'])
  assert.equal(plain.code, 1)
  const stranger = await connect('client', { authority: 'stranger' })
  assert.match(stranger.stderr, /certificate signed by unknown authority/)
})

test('output goes on after the input has ended', { skip }, async () => {
  await importBusybox(daemon)
  const script = 'cat; sleep 0.2; echo after'
  const { stdout, stderr } = await connect('client', {
    input: 'typed ',
    args: ['run', '-i', '--rm', 'busybox', 'sh', '-c', script],
  })
  assert.equal(stdout, 'typed after\n', stderr)
})
