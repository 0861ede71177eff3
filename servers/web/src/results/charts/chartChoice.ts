// Which chart tells a table best; decided from types, units and the shape of the data, never from names.
import type { TableDeclaration, TableDocument } from '../../server/documents'
import { numberOf } from './changes'

const DAY_S = 86_400
/** More rows than this are a distribution, not a list to rank. */
const MOST_RANKED = 40
/** A table up to this size is read whole to choose a chart. */
export const MOST_READ = 2_000

export type TableColumn = TableDocument['columns'][number]
export type ChartChoice =
  | { kind: 'time'; axis: string; groups: { unit: string; columns: string[] }[] }
  | { kind: 'ranking'; labels: string[]; columns: string[] }
  | { kind: 'distribution'; column: string }
  | null

const isNumber = (column: TableColumn) => /^(float|int|uint)/.test(column.dtype)
const isText = (column: TableColumn) => /^(string|object|category)/.test(column.dtype)

function numbers(table: TableDocument, column: string): (number | null)[] {
  return (table.data[column] ?? []).map(numberOf)
}

/** No row of a table that lists a day's intervals over and over begins before this (s); no duration is that long. */
const EARLIEST_S = 3 * 3600

/**
 * Whether a column of seconds reads as times of day: all within two days, and either never falling from row to row, or
 * whole minutes well into the day (intervals that every place repeats).
 */
export function isClock(table: TableDocument, column: TableColumn): boolean {
  if (column.unit !== 's' || !isNumber(column)) return false
  const values = numbers(table, column.name)
  if (values.length < 3 || !values.every((value) => value !== null && value >= 0 && value <= 2 * DAY_S)) return false
  const known = values as number[]
  const rises = known.every((value, row) => row === 0 || value >= known[row - 1]) && known[known.length - 1] > known[0]
  return rises || known.every((value) => value % 60 === 0 && value >= EARLIEST_S)
}

function strictlyRises(table: TableDocument, column: string): boolean {
  const values = numbers(table, column)
  return values.every((value, row) => row === 0 || (value !== null && value > values[row - 1]!))
}

/** Columns of seconds that are clock times in this part of a table. */
export function clockColumns(table: TableDocument): string[] {
  return table.columns.filter((column) => isClock(table, column)).map((column) => column.name)
}

/** Number columns by unit, in order: values of one unit share an axis. */
function groupsOf(table: TableDocument, without: string[]): { unit: string; columns: string[] }[] {
  const groups = new Map<string, string[]>()
  for (const column of table.columns.filter((one) => isNumber(one) && !without.includes(one.name))) {
    if (!numbers(table, column.name).some((value) => value !== null)) continue
    groups.set(column.unit, [...(groups.get(column.unit) ?? []), column.name])
  }
  return [...groups].map(([unit, columns]) => ({ unit, columns }))
}

/**
 * A chart for a table of which the first rows (all, if there are at most {@link MOST_READ}) are known.
 *
 * A strictly rising column of seconds makes lines over the clock; a short table that names its rows is ranked; a long one
 * whose rows are compared shows how the compared column is distributed.
 */
export function chooseChart(table: TableDocument, declared: TableDeclaration | undefined): ChartChoice {
  const whole = table.rows <= (Object.values(table.data)[0]?.length ?? 0)
  const clocks = clockColumns(table)
  const axis = clocks.find((column) => strictlyRises(table, column))
  if (whole && axis) {
    const groups = groupsOf(table, clocks)
    return groups.length ? { kind: 'time', axis, groups } : null
  }
  const labels = table.columns.filter(isText).map((column) => column.name)
  const ranked = groupsOf(table, clocks).flatMap((group) => group.columns)
  if (whole && table.rows >= 2 && table.rows <= MOST_RANKED && labels.length && ranked.length)
    return { kind: 'ranking', labels: shortestLabels(table, labels), columns: ranked }
  const compared = Object.entries(declared?.columns ?? {}).find(([name, column]) => column.compare && table.columns.some((one) => one.name === name && isNumber(one)))
  return compared && table.rows > MOST_RANKED ? { kind: 'distribution', column: compared[0] } : null
}

/** The fewest leading text columns whose values together tell every row from the others. */
function shortestLabels(table: TableDocument, labels: string[]): string[] {
  for (let count = 1; count <= labels.length; count++) {
    const seen = new Set(rowLabels(table, labels.slice(0, count)))
    if (seen.size === table.rows) return labels.slice(0, count)
  }
  return labels
}

/** A row's label: its text columns, parted by a dot. */
export function rowLabels(table: TableDocument, labels: string[]): string[] {
  const columns = labels.map((label) => table.data[label] ?? [])
  return (columns[0] ?? []).map((_, row) => columns.map((column) => column[row]).filter((part) => part !== null && part !== '').join(' · '))
}
