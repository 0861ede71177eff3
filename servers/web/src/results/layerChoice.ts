// Which result layer and which of its columns the map shows: the address's if it fits, else the declared one.
import type { ColumnDeclaration, ColumnStatistics, Declaration } from '../server/documents'
import type { Text } from '../language/words'

/** In the address: no result layer on the map. */
export const NOTHING = '-'
/** Categories beyond this many cannot be told apart on a map: the column is a name, not a class. */
const MOST_CATEGORIES = 12

export const NO_DECLARATION: Declaration = { figures: {}, layers: {}, tables: {} }
const PLAIN_COLUMN: Omit<ColumnDeclaration, 'title'> = { unit: '', better: 'neither', compare: false, tolerance: 0 }

/** A column as declared; one that is not, under its own name. */
export function columnOf(declared: Record<string, ColumnDeclaration> | undefined, column: string): ColumnDeclaration {
  return declared?.[column] ?? { title: column as unknown as Text, ...PLAIN_COLUMN }
}

function isClass(statistics: ColumnStatistics): boolean {
  return statistics.kind !== 'category' || (statistics.distinct ?? statistics.categories.length) <= MOST_CATEGORIES
}

/** Whether a map can show a column at all. */
export function isShowable(statistics: ColumnStatistics): boolean {
  if (statistics.kind === 'number') return statistics.min !== null
  return isClass(statistics) && (statistics.kind === 'bool' || statistics.categories.length > 0)
}

/** The column that names rows for people: the first one of texts that are too many to be classes. */
export function nameColumn(columns: Record<string, ColumnStatistics>): string | null {
  return Object.keys(columns).find((column) => columns[column].kind === 'category' && !isClass(columns[column])) ?? null
}

type Layers<L> = Record<string, L>
type Asked = { layer: string; column: string }
export type Choice = { layer: string; column: string } | null

/** Columns a map can show: of a run those with statistics, of a comparison those compared. */
export function showable(columns: Record<string, ColumnStatistics>, compared?: string[]): string[] {
  if (compared) return compared.filter((column) => columns[`${column}_difference`] && isShowable(columns[`${column}_difference`]))
  return Object.keys(columns).filter((column) => isShowable(columns[column]))
}

/** Layers in the order of their declaration that have rows, a geometry, and a column to show. */
export function drawableLayers<L extends { rows: number }>(layers: Layers<L>, declaration: Declaration, columns: (layer: L) => string[]): string[] {
  const names = [...Object.keys(declaration.layers).filter((name) => name in layers), ...Object.keys(layers).filter((name) => !(name in declaration.layers))]
  return names.filter((name) => layers[name].rows > 0 && declaration.layers[name]?.geometry !== 'None' && columns(layers[name]).length > 0)
}

/** What the map shows; null: nothing, because so asked or because there is nothing to show. */
export function chooseLayer<L extends { rows: number }>(
  layers: Layers<L>, declaration: Declaration, columns: (layer: L) => string[], asked: Asked,
): Choice {
  if (asked.layer === NOTHING) return null
  const drawable = drawableLayers(layers, declaration, columns)
  const layer = drawable.find((name) => name === asked.layer) ?? drawable.find((name) => declaration.layers[name]?.show) ?? drawable[0]
  if (layer === undefined) return null
  const known = columns(layers[layer])
  const wanted = [asked.layer === layer || asked.layer === '' ? asked.column : '', declaration.layers[layer]?.show ?? '']
  return { layer, column: wanted.find((column) => known.includes(column)) ?? known[0] }
}
