/** One line of /proc/self/mountinfo, proc(5), with its octal escapes resolved. */
export interface MountEntry {
  readonly id: number
  readonly parent: number
  /** `major:minor` */
  readonly device: string
  /** The folder within the filesystem that is the root of this mount. */
  readonly root: string
  readonly target: string
  readonly options: readonly string[]
  /** Fields such as `shared:1` and `master:2`. */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/** Lines of another form are left out. */
export function parseMountinfo(text: string): readonly MountEntry[] {
  return text.split('\n').flatMap((line) => {
    const fields = line.split(' ')
    const dash = fields.indexOf('-', 6)
    if (dash < 0) return []
    const [id, parent, device = '', root = '', target = '', options = ''] = fields
    const [type = '', source = '', superOptions = ''] = fields.slice(dash + 1)
    return [
      {
        id: Number(id),
        parent: Number(parent),
        device,
        root: unescapeOctal(root),
        target: unescapeOctal(target),
        options: options.split(','),
        propagation: fields.slice(6, dash),
        type,
        source: unescapeOctal(source),
        superOptions: superOptions.split(',').map(unescapeOctal),
      },
    ]
  })
}

/** The kernel escapes blanks, tabs, newlines, backslashes and what separates fields: all of them single bytes. */
function unescapeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}
