// Which curve of each table over time is shown, as the address writes it: "flows:waiting,queues:length".

/** Table → column. A link from elsewhere may hold anything: what is not of this form is left out. */
function read(curve: string): Map<string, string> {
  try {
    const parts = curve.split(',').map((part) => part.split(':').map(decodeURIComponent))
    return new Map(parts.filter((part): part is [string, string] => part.length === 2))
  } catch {
    return new Map() // percent signs that mean nothing
  }
}

/** The curve chosen of a table; null: none yet. */
export function curveOf(curve: string, table: string): string | null {
  return read(curve).get(table) ?? null
}

/** The address's text with this choice in it; those of other tables stay. */
export function withCurve(curve: string, table: string, column: string): string {
  const chosen = read(curve).set(table, column)
  return [...chosen].map((pair) => pair.map(encodeURIComponent).join(':')).join(',')
}
