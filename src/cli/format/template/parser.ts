import { failure } from '../../../base/index.ts'
import type { Token } from './lexer.ts'

export type Operand =
  | { readonly kind: 'dot' }
  | { readonly kind: 'constant'; readonly value: unknown }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'function'; readonly name: string }
  | { readonly kind: 'pipeline'; readonly pipeline: Pipeline }
  | { readonly kind: 'path'; readonly base: Operand; readonly fields: readonly string[] }

export interface Pipeline {
  readonly variables: readonly string[]
  /** True for `:=`, which makes variables; `=` changes those that exist. */
  readonly declares: boolean
  /** Each command is a function or value and its arguments; its result is the last argument of the next. */
  readonly commands: readonly (readonly Operand[])[]
}

export type Node =
  | { readonly kind: 'text'; readonly value: string }
  | { readonly kind: 'action'; readonly pipeline: Pipeline }
  | {
      readonly kind: 'if' | 'with' | 'range'
      readonly pipeline: Pipeline
      readonly body: readonly Node[]
      readonly otherwise: readonly Node[]
    }
  | { readonly kind: 'break' | 'continue' }

const BLOCKS = ['if', 'with', 'range'] as const

/** Builds the tree of a template; `invalid` with Go's way of saying what is wrong. */
export function parse(tokens: readonly Token[]): readonly Node[] {
  let at = 0
  const peek = (offset = 0): Token | undefined => tokens[at + offset]
  const take = (kind: Token['kind']): void => {
    if (peek()?.kind !== kind) fail(`unexpected ${describe(peek())}`)
    at += 1
  }
  const keyword = (): string | undefined => {
    const next = peek(1)
    return peek()?.kind === 'open' && next?.kind === 'word' ? next.value : undefined
  }

  function nodes(): Node[] {
    const list: Node[] = []
    for (let token = peek(); token; token = peek()) {
      const word = keyword()
      if (word === 'end' || word === 'else') return list
      if (token.kind === 'text') {
        at += 1
        list.push(token)
      } else list.push(action(word))
    }
    return list
  }

  function action(word: string | undefined): Node {
    const block = BLOCKS.find((name) => name === word)
    if (block) {
      at += 2
      return finishBlock(block)
    }
    at += 1
    if (word === 'break' || word === 'continue') {
      at += 1
      take('close')
      return { kind: word }
    }
    const made = pipeline('close')
    take('close')
    return { kind: 'action', pipeline: made }
  }

  function finishBlock(kind: (typeof BLOCKS)[number]): Node {
    const head = pipeline('close')
    take('close')
    const body = nodes()
    let otherwise: readonly Node[] = []
    if (keyword() === 'else') {
      at += 2
      const next = peek()
      if (next?.kind === 'word' && (next.value === 'if' || next.value === 'with')) {
        at += 1
        // `else if` shares the one `end` with the block it continues.
        return { kind, pipeline: head, body, otherwise: [finishBlock(next.value)] }
      }
      take('close')
      otherwise = nodes()
    }
    if (keyword() !== 'end') fail('unexpected EOF')
    at += 2
    take('close')
    return { kind, pipeline: head, body, otherwise }
  }

  function pipeline(end: 'close' | 'right'): Pipeline {
    const variables = leadingVariables()
    const declares = variables.length > 0 && tokens[at - 1]?.kind === 'declare'
    const commands: Operand[][] = []
    do {
      if (commands.length > 0) at += 1
      const command = operands()
      if (command.length === 0) fail(end === 'close' ? 'missing value for command' : 'empty pipeline')
      commands.push(command)
    } while (peek()?.kind === 'pipe')
    if (peek()?.kind !== end) fail(`unexpected ${describe(peek())} in command`)
    return { variables, declares, commands }
  }

  function leadingVariables(): string[] {
    const names: string[] = []
    let ahead = 0
    for (let token = peek(ahead); token?.kind === 'variable'; token = peek(ahead)) {
      names.push(token.value)
      const mark = peek(ahead + 1)?.kind
      ahead += 2
      if (mark === 'comma') continue
      if (mark !== 'declare' && mark !== 'assign') return []
      at += ahead
      return names
    }
    return []
  }

  function operands(): Operand[] {
    const list: Operand[] = []
    for (let operand = readOperand(); operand; operand = readOperand()) list.push(operand)
    return list
  }

  function readOperand(): Operand | undefined {
    const base = readBase()
    if (!base) return undefined
    const fields: string[] = []
    for (let token = peek(); token?.kind === 'chain'; token = peek()) {
      fields.push(token.value)
      at += 1
    }
    return fields.length === 0 ? base : { kind: 'path', base, fields }
  }

  function readBase(): Operand | undefined {
    const token = peek()
    switch (token?.kind) {
      case 'dot':
        at += 1
        return { kind: 'dot' }
      case 'field':
        at += 1
        return { kind: 'path', base: { kind: 'dot' }, fields: [token.value] }
      case 'variable':
        at += 1
        return { kind: 'variable', name: token.value }
      case 'string':
      case 'number':
        at += 1
        return { kind: 'constant', value: token.value }
      case 'word':
        at += 1
        return wordOperand(token.value)
      case 'left': {
        at += 1
        const inner = pipeline('right')
        take('right')
        return { kind: 'pipeline', pipeline: inner }
      }
      default:
        return undefined
    }
  }

  const tree = nodes()
  if (at < tokens.length) fail(`unexpected {{${keyword()}}}`)
  return tree
}

const CONSTANTS: ReadonlyMap<string, unknown> = new Map<string, unknown>([
  ['true', true],
  ['false', false],
  ['nil', null],
])

function wordOperand(word: string): Operand {
  return CONSTANTS.has(word) ? { kind: 'constant', value: CONSTANTS.get(word) } : { kind: 'function', name: word }
}

function describe(token: Token | undefined): string {
  if (!token) return 'EOF'
  return 'value' in token ? JSON.stringify(String(token.value)) : `<${token.kind}>`
}

function fail(why: string): never {
  throw failure('invalid', `template parsing error: template: :1: ${why}`)
}
