export interface Account {
  readonly name: string
  readonly uid: number
  readonly gid: number
  readonly home: string
}

export interface Group {
  readonly name: string
  readonly gid: number
  readonly members: readonly string[]
}

/** Reads passwd(5). Lines that are not accounts are passed over, as the C library does. */
export function parsePasswd(text: string): readonly Account[] {
  return fieldsOf(text).flatMap(([name = '', , uid, gid, , home = '']) => {
    const user = parseNumber(uid)
    const group = parseNumber(gid)
    return name === '' || user === undefined || group === undefined ? [] : [{ name, uid: user, gid: group, home }]
  })
}

/** Reads group(5). */
export function parseGroups(text: string): readonly Group[] {
  return fieldsOf(text).flatMap(([name = '', , gid, members = '']) => {
    const number = parseNumber(gid)
    return name === '' || number === undefined
      ? []
      : [{ name, gid: number, members: members.split(',').filter(Boolean) }]
  })
}

function fieldsOf(text: string): readonly (readonly string[])[] {
  return text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line) => line.split(':'))
}

function parseNumber(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,10}$/.test(text) ? Number(text) : undefined
}
