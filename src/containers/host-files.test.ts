import assert from 'node:assert/strict'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { test } from 'node:test'
import { writeHostFiles } from './host-files.ts'

test('files of a container are rewritten in place', () => {
  const root = mkdtempSync(join(tmpdir(), 'host-files-'))
  try {
    const folder = join(root, 'container')
    const first = writeHostFiles(folder, { hosts: 'a long first\n', hostname: 'web\n', resolvConf: 'r\n' })
    const { ino } = statSync(first.hosts)
    const second = writeHostFiles(folder, { hosts: 'short\n', hostname: 'web\n', resolvConf: 'r\n' })
    assert.deepEqual(second, first)
    assert.equal(readFileSync(second.hosts, 'utf8'), 'short\n')
    assert.equal(statSync(second.hosts).ino, ino)
    assert.deepEqual(
      Object.values(second).map((path) => path.slice(folder.length + 1)),
      ['hosts', 'hostname', 'resolv.conf'],
    )
  } finally {
    rmSync(root, { recursive: true })
  }
})
