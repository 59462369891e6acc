import assert from 'node:assert/strict'
import { test } from 'node:test'
import { containerConfig } from '../../../test/fixtures/container-request.ts'
import type { ContainerConfig } from '../contract.ts'
import { verifyConfig } from './verify-config.ts'

test('what makes no sense is refused in the words of docker', () => {
  const cases: readonly [Partial<ContainerConfig>, string][] = [
    [{ workingDir: 'a' }, `the working directory 'a' is invalid, it needs to be an absolute path`],
    [{ stopSignal: 'SIGNOPE' }, 'invalid signal: SIGNOPE'],
    [{ stopSignal: '0' }, 'invalid signal: 0'],
    [{ env: ['A=1', ''] }, 'invalid environment variable: '],
    [{ env: ['=1'] }, 'invalid environment variable: =1'],
    [{ healthcheck: { Interval: 999_999 } }, 'Interval in Healthcheck cannot be less than 1ms'],
    [{ healthcheck: { Timeout: -1 } }, 'Timeout in Healthcheck cannot be less than 1ms'],
    [{ healthcheck: { StartPeriod: 1 } }, 'StartPeriod in Healthcheck cannot be less than 1ms'],
    [{ healthcheck: { StartInterval: 1 } }, 'StartInterval in Healthcheck cannot be less than 1ms'],
    [{ healthcheck: { Retries: -1 } }, 'Retries in Healthcheck cannot be negative'],
    [{ hostname: 'a'.repeat(65) }, `hostname "${'a'.repeat(65)}" is too long (maximum 64 bytes)`],
    [{ hostname: 'a\n1.1.1.1 b' }, 'invalid hostname: "a\\n1.1.1.1 b"'],
    [{ domainname: 'a b' }, 'invalid hostname: "a b"'],
  ]
  for (const [config, message] of cases) {
    assert.throws(() => verifyConfig(containerConfig(config)), { kind: 'invalid', message })
  }
})

test('what makes sense stays, the working directory made clean', () => {
  const config = containerConfig({
    stopSignal: 'RTMIN+3',
    env: ['A', 'B=', 'C=='],
    healthcheck: { Interval: 0, Timeout: 1_000_000 },
    hostname: 'web_1',
    workingDir: '/srv/../app/',
  })
  assert.deepEqual(verifyConfig(config), { ...config, workingDir: '/app' })
  assert.equal(verifyConfig(containerConfig()).workingDir, '')
})
