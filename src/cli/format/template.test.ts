import assert from 'node:assert/strict'
import { test } from 'node:test'
import { compileTemplate } from './template.ts'

const DATA = {
  Id: 'abcdef',
  Name: '/web',
  Running: true,
  Code: 0,
  Empty: '',
  Tags: ['one', 'two'],
  None: null,
  Labels: { b: '2', a: '1' },
  NetworkSettings: {
    Ports: { '80/tcp': [{ HostIp: '0.0.0.0', HostPort: '8080' }], '443/tcp': [{ HostIp: '', HostPort: '8443' }] },
    Networks: { bridge: { IPAddress: '172.17.0.2' } },
  },
}

const CASES: readonly (readonly [string, string])[] = [
  ['{{.Id}}', 'abcdef'],
  ['{{ .Id | upper }}', 'ABCDEF'],
  ['{{.State.Missing}}', '<no value>'],
  ['{{.Labels}}', 'map[a:1 b:2]'],
  ['{{.Tags}}', '[one two]'],
  ['{{json .Tags}}', '["one","two"]'],
  ['{{json .}}', JSON.stringify(DATA)],
  ['{{join .Tags ", "}}', 'one, two'],
  ['{{index .Tags 1}}', 'two'],
  ['{{index .Labels "a"}}', '1'],
  ['{{len .Tags}}', '2'],
  ['{{if .Running}}up{{else}}down{{end}}', 'up'],
  ['{{if .Empty}}x{{else if .Running}}y{{else}}z{{end}}', 'y'],
  ['{{with .None}}x{{else}}none{{end}}', 'none'],
  ['{{with .Name}}{{.}}{{end}}', '/web'],
  ['{{range .Tags}}<{{.}}>{{end}}', '<one><two>'],
  ['{{range $i, $t := .Tags}}{{$i}}={{$t}};{{end}}', '0=one;1=two;'],
  ['{{range $k, $v := .Labels}}{{$k}}={{$v}} {{end}}', 'a=1 b=2 '],
  ['{{range .None}}x{{else}}empty{{end}}', 'empty'],
  [
    '{{range $p, $conf := .NetworkSettings.Ports}} {{$p}} -> {{(index $conf 0).HostPort}} {{end}}',
    ' 443/tcp -> 8443  80/tcp -> 8080 ',
  ],
  ['{{ .NetworkSettings.Networks.bridge.IPAddress }}', '172.17.0.2'],
  ['{{$x := .Id}}{{$x}}{{$x = "y"}}{{$x}}', 'abcdefy'],
  ['{{printf "%-5s|%3d|%q" .Name 7 "a"}}', '/web |  7|"a"'],
  ['{{println "a" 1}}', 'a 1\n'],
  ['{{print 1 2 "a" 3}}', '1 2a3'],
  ['a {{- " b " -}} c', 'a b c'],
  ['{{/* nothing */}}x{{- /* more */ -}} y', 'xy'],
  ['{{eq .Code 0}} {{ne .Id "x"}} {{lt 1 2}} {{ge 1 2}}', 'true true true false'],
  ['{{eq .Id "x" "abcdef"}}', 'true'],
  ['{{and .Running .Empty}}|{{or .Empty .Id}}|{{not .Running}}', '|abcdef|false'],
  ['{{slice .Id 1 3}}', 'bc'],
  ['{{truncate .Id 2}}{{pad "x" 1 2}}', 'ab x  '],
  ['{{title "hello world"}}', 'Hello World'],
  ['{{range .Tags}}{{if eq . "two"}}{{break}}{{end}}{{.}}{{end}}', 'one'],
  ['{{range .Tags}}{{if eq . "one"}}{{continue}}{{end}}{{.}}{{end}}', 'two'],
  ['{{(index (index .NetworkSettings.Ports "80/tcp") 0).HostIp}}', '0.0.0.0'],
  ['{{split .Name "/"}}', '[ web]'],
  ['{{true}} {{1.5}} {{`raw`}}', 'true 1.5 raw'],
]

test('templates give what the reference client gives', () => {
  for (const [template, want] of CASES) assert.equal(compileTemplate(template)(DATA), want, template)
})

test('wrong templates are refused with a reason', () => {
  const wrong = [
    '{{',
    '{{.Id',
    '{{if .Id}}x',
    '{{end}}',
    '{{else}}',
    '{{nope .Id}}',
    '{{$y}}',
    '{{.Id |}}',
    '{{}}',
    '{{index .Tags 9}}',
    '{{.Id.Deep}}',
    '{{#}}',
  ]
  for (const template of wrong) {
    assert.throws(() => compileTemplate(template)(DATA), { kind: 'invalid', message: /template/ }, template)
  }
})
