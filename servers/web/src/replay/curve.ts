// The curve behind the slider: which table of a result tells how much is going on at each moment.
import type { Declaration, TableDocument } from '../server/documents'

export type Choice = { table: string; time: string; value: string }

/** A table whose first column is a time of day (s) and that counts something beside it; decided from the declaration. */
export function chooseCurve(declaration: Declaration | undefined): Choice | null {
  for (const [table, declared] of Object.entries(declaration?.tables ?? {})) {
    const [first, ...rest] = Object.entries(declared.columns)
    const counted = rest.find(([, column]) => column.unit === 'vehicles' || column.unit === 'persons')
    if (first && first[1].unit === 's' && counted) return { table, time: first[0], value: counted[0] }
  }
  return null
}

export type Point = { time: number; value: number }

/** The table's rows as points; rows without a number are left out. */
export function pointsOf(table: TableDocument, choice: Choice): Point[] {
  const times = table.data[choice.time] ?? []
  const values = table.data[choice.value] ?? []
  return times
    .map((time, row) => ({ time: Number(time), value: Number(values[row]) }))
    .filter((point) => Number.isFinite(point.time) && Number.isFinite(point.value))
}

/** An SVG path (line, or closed to the ground) of points in a box of `width` × `height`. */
export function pathOf(
  points: Point[], range: [number, number], most: number, width: number, height: number, closed: boolean,
): string {
  const inside = points.filter((point) => point.time >= range[0] && point.time <= range[1])
  if (inside.length < 2 || most <= 0 || range[1] <= range[0]) return ''
  const x = (time: number) => (((time - range[0]) / (range[1] - range[0])) * width).toFixed(1)
  const y = (value: number) => (height - (value / most) * height).toFixed(1)
  const line = inside.map((point, place) => `${place ? 'L' : 'M'}${x(point.time)},${y(point.value)}`).join('')
  return closed ? `${line}L${x(inside[inside.length - 1].time)},${height}L${x(inside[0].time)},${height}Z` : line
}
