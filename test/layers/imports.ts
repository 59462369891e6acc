import { readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'

/** What one file names in import and export statements, type imports too. */
export interface SourceFile {
  /** Path from the root of the repository, with `/`. */
  readonly path: string
  readonly lines: number
  /** Relative imports resolved to paths from the root; everything else as written. */
  readonly imports: readonly string[]
}

const STATIC = /^[ \t]*(?:import|export)\b(?:[^'"`;]*?\bfrom)?\s*['"]([^'"\n]+)['"]/gm
const DYNAMIC = /\bimport\s*\(\s*['"`]([^'"`\n]+)['"`]/g

/** Every module named in `text`: static, dynamic, and `import('x')` in types. */
export function parseImports(text: string): readonly string[] {
  return [STATIC, DYNAMIC].flatMap((pattern) => [...text.matchAll(pattern)].map((match) => match[1] ?? ''))
}

/** All TypeScript files under the given folders of the repository. */
export function readSources(root: string, folders: readonly string[]): readonly SourceFile[] {
  return folders
    .flatMap((folder) => readdirSync(join(root, folder), { recursive: true, withFileTypes: true }))
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) => readSource(root, relative(root, join(entry.parentPath, entry.name))))
}

function readSource(root: string, path: string): SourceFile {
  const text = readFileSync(join(root, path), 'utf8')
  const imports = parseImports(text).map((name) => (/^\.\.?\//.test(name) ? join(dirname(path), name) : name))
  return { path, lines: text.split('\n').length - 1, imports }
}
