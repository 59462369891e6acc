/** Reads a number of CPUs (`1.5`) into billionths. */
export function parseNanoCpus(text: string): number {
  if (!/^\d*\.?\d+$|^\d+\.$/.test(text)) throw new Error(`failed to parse ${text} as a rational number`)
  if ((text.split('.')[1] ?? '').length > 9) throw new Error('value is too precise')
  return Math.round(Number(text) * 1e9)
}
