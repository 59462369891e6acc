// biome-ignore-all lint/suspicious/noTemplateCurlyInString: this is how a Dockerfile writes variables.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import type { ExecutionConfig } from '../../oci/index.ts'
import { applyChanges } from './apply-changes.ts'

interface Case {
  readonly change: string | readonly string[]
  readonly from?: ExecutionConfig
  readonly gives: ExecutionConfig
}

const cases: readonly Case[] = [
  { change: 'CMD ["a", "b c"]', gives: { Cmd: ['a', 'b c'] } },
  { change: 'cmd echo  "hi $x"', gives: { Cmd: ['/bin/sh', '-c', 'echo  "hi $x"'] } },
  { change: 'CMD []', gives: { Cmd: [] } },
  { change: 'CMD ["a", b]', gives: { Cmd: ['/bin/sh', '-c', '["a", b]'] } },
  {
    change: 'CMD a',
    from: { Shell: ['/bin/bash', '-ec'] },
    gives: { Shell: ['/bin/bash', '-ec'], Cmd: ['/bin/bash', '-ec', 'a'] },
  },
  { change: 'ENTRYPOINT ["/init"]', from: { Cmd: ['sh'] }, gives: { Cmd: null, Entrypoint: ['/init'] } },
  { change: ['CMD ["x"]', 'ENTRYPOINT top -b'], gives: { Cmd: ['x'], Entrypoint: ['/bin/sh', '-c', 'top -b'] } },
  { change: 'ENTRYPOINT []', from: { Entrypoint: ['a'] }, gives: { Cmd: null, Entrypoint: null } },
  { change: 'ENV a=1 b="two words" c=\'$a\'', gives: { Env: ['a=1', 'b=two words', 'c=$a'] } },
  { change: 'ENV name the whole rest', gives: { Env: ['name=the whole rest'] } },
  { change: 'ENV a=2 b=$a c=${none:-x}', from: { Env: ['z=0', 'a=1'] }, gives: { Env: ['z=0', 'a=2', 'b=1', 'c=x'] } },
  { change: 'ENV a=b\\ c', gives: { Env: ['a=b c'] } },
  { change: ['ENV a=1 \\', '  b=2', '# not this', 'USER $a'], gives: { Env: ['a=1', 'b=2'], User: '1' } },
  {
    change: 'EXPOSE 80 53/UDP 9000-9002',
    gives: { ExposedPorts: { '80/tcp': {}, '53/udp': {}, '9000/tcp': {}, '9001/tcp': {}, '9002/tcp': {} } },
  },
  {
    change: 'EXPOSE $p',
    from: { Env: ['p=80 443/tcp'] },
    gives: { Env: ['p=80 443/tcp'], ExposedPorts: { '80/tcp': {}, '443/tcp': {} } },
  },
  {
    change: 'LABEL a=1 "b c"="d e"',
    from: { Labels: { z: '0' } },
    gives: { Labels: { z: '0', a: '1', 'b c': 'd e' } },
  },
  { change: 'LABEL __proto__=x', gives: { Labels: Object.fromEntries([['__proto__', 'x']]) } },
  { change: 'ONBUILD RUN make  all', gives: { OnBuild: ['RUN make  all'] } },
  { change: 'STOPSIGNAL SIGRTMIN+3', gives: { StopSignal: 'SIGRTMIN+3' } },
  { change: 'STOPSIGNAL 9', gives: { StopSignal: '9' } },
  { change: 'USER 1000:1000', gives: { User: '1000:1000' } },
  { change: 'VOLUME /a /b', gives: { Volumes: { '/a': {}, '/b': {} } } },
  { change: 'VOLUME ["/a b"]', gives: { Volumes: { '/a b': {} } } },
  { change: ['WORKDIR /a/', 'WORKDIR b/../c'], gives: { WorkingDir: '/a/c' } },
  { change: 'WORKDIR a', gives: { WorkingDir: '/a' } },
  { change: 'HEALTHCHECK NONE', gives: { Healthcheck: { Test: ['NONE'] } } },
  {
    change: 'HEALTHCHECK --interval=1m30s --timeout=1.5s --retries=3 --start-period=0s CMD curl -f localhost',
    gives: {
      Healthcheck: {
        Test: ['CMD-SHELL', 'curl -f localhost'],
        Interval: 90e9,
        Timeout: 15e8,
        Retries: 3,
        StartPeriod: 0,
      },
    },
  },
  { change: 'HEALTHCHECK cmd ["a", "b"]', gives: { Healthcheck: { Test: ['CMD', 'a', 'b'] } } },
]

for (const { change, from = {}, gives } of cases) {
  const changes = typeof change === 'string' ? [change] : change
  test(`applyChanges understands ${changes.join(' / ')}`, () => {
    assert.deepEqual(applyChanges(from, changes), gives)
  })
}

const refused: readonly (readonly [change: string, message: string])[] = [
  ['RUN true', 'RUN is not a valid change command'],
  ['FROM scratch', 'FROM is not a valid change command'],
  ['bogus', 'bogus is not a valid change command'],
  ['', 'file with no instructions'],
  ['# only a comment', 'file with no instructions'],
  ['CMD ["a", 1]', 'when using JSON array syntax, arrays must be comprised of strings only'],
  ['ENV', 'ENV requires at least one argument'],
  ['ENV alone', 'ENV must have two arguments'],
  ['ENV a=1 b', 'Syntax error - can\'t find = in "b". Must be of the form: name=value'],
  ['ENV =1', 'ENV names can not be blank'],
  ['ENV a=${b', 'failed to process "${b": unsupported modifier () in substitution'],
  ['ENV a=${b:-', 'failed to process "${b:-": syntax error: missing \'}\''],
  ['ENV a=${:b}', 'failed to process "${:b}": syntax error: bad substitution'],
  ['ENV a=${b:=c}', 'failed to process "${b:=c}": unsupported modifier (:=) in substitution'],
  ['ENV a=${b?}', 'failed to process "${b?}": b: is not allowed to be unset'],
  ['LABEL a', 'LABEL must have two arguments'],
  ['EXPOSE', 'EXPOSE requires at least one argument'],
  ['EXPOSE http', 'invalid containerPort: http'],
  ['EXPOSE 70000', 'invalid containerPort: 70000'],
  ['EXPOSE 90-80', 'invalid containerPort: 90-80'],
  ['EXPOSE 80/icmp', 'invalid proto: icmp'],
  ['EXPOSE 80:', 'no port specified: 80:<empty>'],
  ['USER', 'USER requires exactly one argument'],
  ['WORKDIR $none', 'cannot normalize nothing'],
  ['VOLUME [""]', 'VOLUME specified can not be an empty string'],
  ['STOPSIGNAL FOO', 'invalid signal: FOO'],
  ['STOPSIGNAL 0', 'invalid signal: 0'],
  ['ONBUILD ONBUILD RUN a', "Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed"],
  ['ONBUILD from a', "FROM isn't allowed as an ONBUILD trigger"],
  ['ONBUILD ENV a', 'ENV must have two arguments'],
  ['ONBUILD', 'ONBUILD requires at least one argument'],
  ['USER --as=root root', 'unknown flag: --as'],
  ['HEALTHCHECK', 'HEALTHCHECK requires at least one argument'],
  ['HEALTHCHECK NONE x', 'HEALTHCHECK NONE takes no arguments'],
  ['HEALTHCHECK CMD', 'Missing command after HEALTHCHECK CMD'],
  ['HEALTHCHECK RUN x', 'Unknown type "RUN" in HEALTHCHECK (try CMD)'],
  ['HEALTHCHECK --every=1s CMD x', 'unknown flag: --every'],
  ['HEALTHCHECK --interval CMD x', 'missing a value on flag: --interval'],
  ['HEALTHCHECK --interval=1s --interval=2s CMD x', 'duplicate flag specified: --interval'],
  ['HEALTHCHECK --interval=1us CMD x', 'Interval "interval" cannot be less than 1ms'],
  ['HEALTHCHECK --interval=10 CMD x', 'time: missing unit in duration "10"'],
  ['HEALTHCHECK --interval=1x CMD x', 'time: unknown unit "x" in duration "1x"'],
  ['HEALTHCHECK --interval=abc CMD x', 'time: invalid duration "abc"'],
  ['HEALTHCHECK --retries=many CMD x', 'strconv.ParseInt: parsing "many": invalid syntax'],
  ['HEALTHCHECK --retries=-1 CMD x', '--retries cannot be negative (-1)'],
]

for (const [change, message] of refused) {
  test(`applyChanges refuses ${JSON.stringify(change)} with Docker's text`, () => {
    assert.throws(() => applyChanges({}, [change]), { kind: 'invalid', message })
  })
}

test('applyChanges leaves the given configuration alone', () => {
  const config = Object.freeze({ Env: Object.freeze(['a=1']), Labels: Object.freeze({ b: '2' }) })
  applyChanges(config, ['ENV a=2', 'LABEL b=3'])
  assert.deepEqual(config, { Env: ['a=1'], Labels: { b: '2' } })
  assert.equal(applyChanges(config, []), config)
})

test('applyChanges bounds values that double with every line', () => {
  const doubling = ['ENV a=xxxxxxxx', ...Array.from({ length: 100 }, () => 'ENV a=$a$a')]
  assert.throws(() => applyChanges({}, doubling), {
    kind: 'invalid',
    message: /result is longer than 131072 characters/,
  })
  const nested = `ENV a=${'${b:-'.repeat(10_000)}`
  assert.throws(() => applyChanges({}, [nested]), { kind: 'invalid' })
})
