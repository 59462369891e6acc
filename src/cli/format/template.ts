import { evaluate } from './template/evaluator.ts'
import { tokenize } from './template/lexer.ts'
import { parse } from './template/parser.ts'

/** Reads a Go template once, for use on many values; `invalid` when it cannot be read. */
export function compileTemplate(template: string): (data: unknown) => string {
  const tree = parse(tokenize(template))
  return (data) => evaluate(tree, data)
}
