import assert from 'node:assert/strict'
import { test } from 'node:test'
import { listProcesses, parsePsOutput } from './ps.ts'

const OUTPUT = `UID   PID  PPID CMD
root    1     0 /sbin/init splash
root   77     1 sleep  60  now
bob    78    77 short
`

test('rows are those of the container, with as many fields as titles', () => {
  assert.deepEqual(parsePsOutput(OUTPUT, new Set([77, 78])), {
    titles: ['UID', 'PID', 'PPID', 'CMD'],
    processes: [
      ['root', '77', '1', 'sleep 60 now'],
      ['bob', '78', '77', 'short'],
    ],
  })
})

test('threads belong to the process before them', () => {
  const output = 'PID STAT\n1 S\n- Ss\n77 S\n- Sl\n- Sl\n78 S\n- S\n'
  assert.deepEqual(parsePsOutput(output, new Set([77])).processes, [
    ['77', 'S'],
    ['-', 'Sl'],
    ['-', 'Sl'],
  ])
})

test('output without process ids is told', () => {
  assert.throws(() => parsePsOutput('USER CMD\n', new Set()), {
    kind: 'internal',
    message: "Couldn't find PID field in ps output",
  })
  assert.throws(() => parsePsOutput('PID CMD\nx y\n', new Set()), {
    message: `Unexpected pid 'x': strconv.Atoi: parsing "x": invalid syntax`,
  })
})

test('a title that passes for the process id is refused', async () => {
  await assert.rejects(listProcesses([1], '-o user=PID'), {
    kind: 'invalid',
    message: 'specifying "user=PID" is not allowed',
  })
})

test('ps of the host lists this process', async () => {
  const { titles, processes } = await listProcesses([process.pid], '')
  assert.equal(processes.length, 1)
  assert.equal(processes[0]?.[titles.indexOf('PID')], String(process.pid))
})

test('options that do not go with a choice of processes are tried without it', async () => {
  const { titles, processes } = await listProcesses([process.pid], 'axf')
  assert.equal(processes[0]?.[titles.indexOf('PID')], String(process.pid))
})

test('what ps complains about is told', async () => {
  await assert.rejects(listProcesses([process.pid], '-o nonsense'), { kind: 'internal', message: /^ps: .*nonsense/ })
})
