import assert from 'node:assert/strict'
import { test } from 'node:test'
import { flag, parseFlags } from './flags.ts'

const table = {
  detach: flag.boolean('run in the background', { short: 'd' }),
  interactive: flag.boolean('keep stdin', { short: 'i' }),
  tty: flag.boolean('a terminal', { short: 't' }),
  env: flag.list('environment', { short: 'e' }),
  memory: flag.string('memory', { short: 'm' }),
  tail: flag.integer('lines', { initial: -1 }),
}

test('values are taken from every form that pflag knows', () => {
  const cases: readonly [readonly string[], Partial<Record<keyof typeof table, unknown>>, readonly string[]][] = [
    [['-it', 'x'], { interactive: true, tty: true }, ['x']],
    [['-dm', '4m'], { detach: true, memory: '4m' }, []],
    [['-m4m'], { memory: '4m' }, []],
    [['-m=4m'], { memory: '4m' }, []],
    [['--memory=a=b'], { memory: 'a=b' }, []],
    [['--memory', '-1'], { memory: '-1' }, []],
    [['--tty=false'], { tty: false }, []],
    [['-t=true', '-e', 'A=1', '--env', 'B'], { tty: true, env: ['A=1', 'B'] }, []],
    [['a', '-d', 'b', '--', '-x'], { detach: true }, ['a', 'b', '-x']],
    [['-'], {}, ['-']],
    [['--tail', '0x10'], { tail: 16 }, []],
  ]
  for (const [argv, want, args] of cases) {
    const parsed = parseFlags(table, { argv })
    for (const [name, value] of Object.entries(want))
      assert.deepEqual(parsed.values[name as 'env'], value, argv.join(' '))
    assert.deepEqual(parsed.args, args, argv.join(' '))
  }
})

test('without interspersing the first word ends the flags', () => {
  const { args, values } = parseFlags(table, { argv: ['-d', 'image', '-t', '--', 'x'], interspersed: false })
  assert.deepEqual(args, ['image', '-t', '--', 'x'])
  assert.equal(values.tty, false)
})

test('wrong command lines fail with the texts that scripts know', () => {
  const cases: readonly [readonly string[], string][] = [
    [['--nope'], 'unknown flag: --nope'],
    [['--constructor'], 'unknown flag: --constructor'],
    [['-dx'], "unknown shorthand flag: 'x' in -x"],
    [['--memory'], 'flag needs an argument: --memory'],
    [['-dm'], "flag needs an argument: 'm' in -m"],
    [['--=x'], 'bad flag syntax: --=x'],
    [
      ['--tty=maybe'],
      'invalid argument "maybe" for "-t, --tty" flag: strconv.ParseBool: parsing "maybe": invalid syntax',
    ],
    [['--tail', 'x'], 'invalid argument "x" for "--tail" flag: strconv.ParseInt: parsing "x": invalid syntax'],
  ]
  for (const [argv, message] of cases) assert.throws(() => parseFlags(table, { argv }), { message }, argv.join(' '))
})
