/** `key` or `key=value`, all of which must hold; nothing given holds always. */
export function hasLabels(labels: Readonly<Record<string, string>>, wanted: readonly string[]): boolean {
  return wanted.every((text) => {
    const sign = text.indexOf('=')
    const key = sign < 0 ? text : text.slice(0, sign)
    return Object.hasOwn(labels, key) && (sign < 0 || labels[key] === text.slice(sign + 1))
  })
}

/** Docker's `label!`: refused only when all of them hold. */
export function lacksLabels(labels: Readonly<Record<string, string>>, unwanted: readonly string[]): boolean {
  return unwanted.length === 0 || !hasLabels(labels, unwanted)
}
