export interface PortSummary {
  readonly IP?: string
  readonly PrivatePort: number
  readonly PublicPort?: number
  readonly Type: string
}

/**
 * The PORTS column: `0.0.0.0:8080->80/tcp, 443/tcp`. Runs of ports of one address and protocol are written as ranges,
 * unpublished ones first within their protocol as Docker sorts them.
 */
export function describePorts(ports: readonly PortSummary[]): string {
  const sorted = ports.toSorted(
    (a, b) =>
      a.PrivatePort - b.PrivatePort ||
      compare(a.IP ?? '', b.IP ?? '') ||
      (a.PublicPort ?? 0) - (b.PublicPort ?? 0) ||
      compare(a.Type, b.Type),
  )
  const runs: { first: PortSummary; last: PortSummary }[] = []
  for (const port of sorted) {
    const run = runs.find(({ last }) => follows(last, port))
    if (run) run.last = port
    else runs.push({ first: port, last: port })
  }
  return runs.map(describeRun).join(', ')
}

/** Published ports join a range only when both sides go on by one. */
function follows(last: PortSummary, next: PortSummary): boolean {
  const sameKind = last.IP === next.IP && last.Type === next.Type && next.PrivatePort === last.PrivatePort + 1
  if (!sameKind) return false
  if (last.PublicPort === undefined) return next.PublicPort === undefined
  return next.PublicPort === last.PublicPort + 1
}

function describeRun({ first, last }: { first: PortSummary; last: PortSummary }): string {
  const inside = `${range(first.PrivatePort, last.PrivatePort)}/${first.Type}`
  if (first.PublicPort === undefined) return inside
  const address = first.IP?.includes(':') ? `[${first.IP}]` : (first.IP ?? '')
  return `${address}:${range(first.PublicPort, last.PublicPort ?? first.PublicPort)}->${inside}`
}

function range(from: number, to: number): string {
  return from === to ? String(from) : `${from}-${to}`
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
