import type { SourceFile } from './imports.ts'

export interface RoomTable {
  /** Room to the rooms it may import; a room is its path under src/. */
  readonly rooms: Readonly<Record<string, readonly string[]>>
  /** Files that are rooms by themselves. */
  readonly singleFiles: Readonly<Record<string, string>>
  readonly restricted: readonly {
    readonly module: string
    readonly rooms: readonly string[]
    readonly tests: boolean
  }[]
}

/** The room a file lies in; undefined for a file under src/ that belongs to none. */
export function roomOf(path: string, { rooms, singleFiles }: RoomTable): string | undefined {
  const single = singleFiles[path]
  if (single) return single
  const parts = path.split('/').slice(1, -1)
  const nested = parts.slice(0, 2).join('/')
  if (Object.hasOwn(rooms, nested)) return nested
  return parts[0] !== undefined && Object.hasOwn(rooms, parts[0]) ? parts[0] : undefined
}

/** One sentence for each import that breaks the table; empty when all is well. */
export function findViolations(files: readonly SourceFile[], table: RoomTable): readonly string[] {
  const homeless = files.filter((file) => roomOf(file.path, table) === undefined)
  return [
    ...homeless.map((file) => `${file.path} lies in no room`),
    ...files.flatMap((file) => file.imports.flatMap((target) => judge(file, { target, table }))),
  ]
}

function judge(file: SourceFile, { target, table }: { target: string; table: RoomTable }): string[] {
  const room = roomOf(file.path, table)
  if (room === undefined) return []
  const isTest = file.path.endsWith('.test.ts')
  if (!target.startsWith('src/')) return judgeOutside(file, { target, table, room, isTest })
  const other = roomOf(target, table)
  const edge = `${file.path} -> ${target}`
  if (other === undefined) return [`${edge}: the target lies in no room`]
  const door = table.singleFiles[target] ? target : `src/${other}/index.ts`
  if (other === room) {
    const isDoorInside = target === door && !isTest && table.singleFiles[target] === undefined
    return isDoorInside ? [`${edge}: inside a room the door is not used`] : []
  }
  const allowed = other === 'base' || table.rooms[room]?.includes(other)
  if (!allowed) return [`${edge}: ${room} may not import ${other}`]
  return target === door ? [] : [`${edge}: ${other} is entered by its door, ${door}`]
}

function judgeOutside(
  file: SourceFile,
  { target, table, room, isTest }: { target: string; table: RoomTable; room: string; isTest: boolean },
): string[] {
  const edge = `${file.path} -> ${target}`
  const rule = table.restricted.find(({ module }) => module === target)
  if (rule && !rule.rooms.includes(room) && !(isTest && rule.tests)) {
    return [`${edge}: only ${rule.rooms.join(', ')} may use ${target}`]
  }
  if (/^(?:test|bench)\//.test(target) && !isTest) return [`${edge}: the program does not import its tests`]
  return []
}

/**
 * Cycles between folders, each as the chain of imports that closes it. A folder below a room is one node; files that
 * lie in the room itself, beside such folders, stand each for itself: a folder may use a file of its room that does
 * not, around any corner, use the folder.
 */
export function findFolderCycles(files: readonly SourceFile[], table: RoomTable): readonly string[] {
  const edges = new Map<string, Map<string, string>>()
  for (const file of files.filter(({ path }) => !path.endsWith('.test.ts'))) {
    const from = nodeOf(file.path, table)
    for (const target of file.imports.filter((name) => name.startsWith('src/'))) {
      const to = nodeOf(target, table)
      if (from === to) continue
      const targets = edges.get(from) ?? new Map<string, string>()
      edges.set(from, targets)
      if (!targets.has(to)) targets.set(to, `${file.path} -> ${target}`)
    }
  }
  return describeCycles(edges)
}

function nodeOf(path: string, table: RoomTable): string {
  const folder = path.slice(0, path.lastIndexOf('/'))
  return folder === `src/${roomOf(path, table)}` ? path : folder
}

function folderOf(node: string): string {
  return node.endsWith('.ts') ? node.slice(0, node.lastIndexOf('/')) : node
}

/** Depth first; each edge back into the path walked is one cycle. */
function describeCycles(edges: ReadonlyMap<string, ReadonlyMap<string, string>>): readonly string[] {
  const done = new Set<string>()
  const cycles: string[] = []

  function visit(node: string, path: readonly { node: string; why: string }[]): void {
    const start = path.findIndex((step) => step.node === node)
    if (start >= 0) {
      const cycle = path.slice(start)
      // Files of one folder may know each other's types; only what leaves the folder and comes back is a knot.
      if (new Set(cycle.map((step) => folderOf(step.node))).size > 1)
        cycles.push(cycle.map(({ why }) => why).join(', '))
      return
    }
    if (done.has(node)) return
    for (const [next, why] of edges.get(node) ?? []) visit(next, [...path, { node, why }])
    done.add(node)
  }

  for (const node of edges.keys()) visit(node, [])
  return cycles
}

/** Complaints about files over the limit that are not listed, have grown, or need no listing any more. */
export function findLongFiles(
  files: readonly Pick<SourceFile, 'path' | 'lines'>[],
  { limit, listed }: { readonly limit: number; readonly listed: Readonly<Record<string, number>> },
): readonly string[] {
  const lengths = new Map(files.map(({ path, lines }) => [path, lines]))
  const grown = files
    .filter(({ path, lines }) => lines > (listed[path] ?? limit))
    .map(({ path, lines }) => `${path} has ${lines} lines, at most ${listed[path] ?? limit} are allowed`)
  const stale = Object.entries(listed)
    .filter(([path, length]) => (lengths.get(path) ?? 0) < length)
    .map(
      ([path, length]) => `${path} is listed with ${length} lines and has ${lengths.get(path) ?? 0}: shrink the list`,
    )
  return [...grown, ...stale]
}
