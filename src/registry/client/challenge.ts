/** How a server wants to be told who asks: one entry of `WWW-Authenticate`. */
export interface Challenge {
  /** In lower case: `basic`, `bearer`. */
  readonly scheme: string
  readonly parameters: Readonly<Record<string, string>>
}

const TOKEN = "[A-Za-z0-9!#$%&'*+.^_`|~-]+"
const PARAMETER = new RegExp(`^[\\s,]*(${TOKEN})\\s*=\\s*(?:"((?:[^"\\\\]|\\\\.)*)"|(${TOKEN}))`)
const SCHEME = new RegExp(`^[\\s,]*(${TOKEN})(?=\\s|,|$)(?!\\s*=)`)
const LONGEST = 16_384

/** Reads RFC 9110's list of challenges; stops at what it cannot read. */
export function parseChallenges(header: string): readonly Challenge[] {
  const challenges: { scheme: string; parameters: Record<string, string> }[] = []
  let rest = header.slice(0, LONGEST)
  for (;;) {
    const parameter = PARAMETER.exec(rest)
    const current = challenges.at(-1)
    if (parameter?.[1] && current) {
      current.parameters[parameter[1].toLowerCase()] = parameter[2]?.replaceAll(/\\(.)/g, '$1') ?? parameter[3] ?? ''
      rest = rest.slice(parameter[0].length)
      continue
    }
    const scheme = SCHEME.exec(rest)
    if (!scheme?.[1]) return challenges
    challenges.push({ scheme: scheme[1].toLowerCase(), parameters: {} })
    rest = rest.slice(scheme[0].length)
  }
}
