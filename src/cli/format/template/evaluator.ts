import { failure } from '../../../base/index.ts'
import { FUNCTIONS, isTrue } from './functions.ts'
import type { Node, Operand, Pipeline } from './parser.ts'
import { printValue } from './printing.ts'

/** Variables of one block, seen by the blocks inside it. */
interface Scope {
  readonly variables: Map<string, unknown>
  readonly parent: Scope | undefined
}

type Flow = 'break' | 'continue' | undefined

/** Runs a parsed template over JSON data and gives its text. */
export function evaluate(nodes: readonly Node[], data: unknown): string {
  const parts: string[] = []
  const root: Scope = { variables: new Map([['$', data]]), parent: undefined }

  function run(list: readonly Node[], dot: unknown, scope: Scope): Flow {
    for (const node of list) {
      const flow = runNode(node, dot, scope)
      if (flow) return flow
    }
    return undefined
  }

  function runNode(node: Node, dot: unknown, scope: Scope): Flow {
    switch (node.kind) {
      case 'text':
        parts.push(node.value)
        return undefined
      case 'action': {
        const value = evaluatePipeline(node.pipeline, { dot, scope })
        if (node.pipeline.variables.length === 0) parts.push(printValue(value))
        return undefined
      }
      case 'break':
      case 'continue':
        return node.kind
      case 'range':
        return runRange(node, dot, scope)
      default: {
        const inner: Scope = { variables: new Map(), parent: scope }
        const value = evaluatePipeline(node.pipeline, { dot, scope: inner })
        if (!isTrue(value)) return run(node.otherwise, dot, inner)
        return run(node.body, node.kind === 'with' ? value : dot, inner)
      }
    }
  }

  function runRange(node: Node & { kind: 'if' | 'with' | 'range' }, dot: unknown, scope: Scope): Flow {
    const outer: Scope = { variables: new Map(), parent: scope }
    const value = evaluateCommands(node.pipeline, { dot, scope: outer })
    const entries = entriesOf(value)
    if (entries.length === 0) return run(node.otherwise, dot, outer)
    const names = node.pipeline.variables
    for (const [key, entry] of entries) {
      const inner: Scope = { variables: new Map(), parent: outer }
      if (names.length === 1) inner.variables.set(names[0] ?? '', entry)
      if (names.length === 2) {
        inner.variables.set(names[0] ?? '', key)
        inner.variables.set(names[1] ?? '', entry)
      }
      if (run(node.body, entry, inner) === 'break') break
    }
    return undefined
  }

  run(nodes, data, root)
  return parts.join('')
}

function entriesOf(value: unknown): readonly (readonly [unknown, unknown])[] {
  if (value === null || value === undefined) return []
  if (typeof value === 'number') return Array.from({ length: value }, (_, at) => [at, at])
  if (Array.isArray(value)) return value.map((entry, at) => [at, entry])
  if (typeof value === 'object') return Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1))
  throw failure('invalid', `template: :1: range can't iterate over ${printValue(value)}`)
}

interface Place {
  readonly dot: unknown
  readonly scope: Scope
}

function evaluatePipeline(pipeline: Pipeline, place: Place): unknown {
  const value = evaluateCommands(pipeline, place)
  const [name] = pipeline.variables
  if (name !== undefined) {
    if (pipeline.declares) place.scope.variables.set(name, value)
    else scopeOf(name, place.scope).variables.set(name, value)
  }
  return value
}

function evaluateCommands({ commands }: Pipeline, place: Place): unknown {
  let value: unknown
  for (const [at, command] of commands.entries()) value = runCommand(command, { place, piped: at > 0 ? [value] : [] })
  return value
}

function runCommand(
  [head, ...rest]: readonly Operand[],
  { place, piped }: { place: Place; piped: readonly unknown[] },
): unknown {
  if (head?.kind !== 'function') {
    if (rest.length > 0 || piped.length > 0)
      throw failure('invalid', "template: :1: can't give argument to non-function")
    return head && evaluateOperand(head, place)
  }
  const { name } = head
  if (name === 'and' || name === 'or') return runLogic(name, { rest, place, piped })
  const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined
  if (!called)
    throw failure('invalid', `template parsing error: template: :1: function ${JSON.stringify(name)} not defined`)
  return called(...rest.map((operand) => evaluateOperand(operand, place)), ...piped)
}

/** The first argument that decides, or the last; later ones are not evaluated. */
function runLogic(
  name: 'and' | 'or',
  { rest, place, piped }: { rest: readonly Operand[]; place: Place; piped: readonly unknown[] },
): unknown {
  let value: unknown
  for (const operand of rest) {
    value = evaluateOperand(operand, place)
    if (isTrue(value) === (name === 'or')) return value
  }
  return piped.length > 0 ? piped[0] : value
}

function evaluateOperand(operand: Operand, place: Place): unknown {
  switch (operand.kind) {
    case 'dot':
      return place.dot
    case 'constant':
      return operand.value
    case 'variable':
      return scopeOf(operand.name, place.scope).variables.get(operand.name)
    case 'pipeline':
      return evaluatePipeline(operand.pipeline, place)
    case 'function':
      return runCommand([operand], { place, piped: [] })
    case 'path':
      return operand.fields.reduce(readField, evaluateOperand(operand.base, place))
    default:
      return operand satisfies never
  }
}

function readField(value: unknown, name: string): unknown {
  if (value === null || value === undefined) return undefined
  if (typeof value !== 'object' || Array.isArray(value)) {
    throw failure(
      'invalid',
      `template: :1: can't evaluate field ${name} in type ${Array.isArray(value) ? '[]interface {}' : typeof value}`,
    )
  }
  return Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

function scopeOf(name: string, scope: Scope): Scope {
  for (let at: Scope | undefined = scope; at; at = at.parent) if (at.variables.has(name)) return at
  throw failure('invalid', `template parsing error: template: :1: undefined variable ${JSON.stringify(name)}`)
}
