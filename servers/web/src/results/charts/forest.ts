// The forest plot's geometry: differences as shares of the baseline around a zero line.
import type { ComparedFigure, FigureDeclaration } from '../../server/documents'
import type { Text } from '../../language/words'
import { endAfter } from '../scales/numbers'

/** Per cent of the baseline at which the axis ends at most; what lies beyond gets an arrow. */
const WIDEST = 100

export type ForestRow = {
  name: string
  title: Text | string
  unit: string
  verdict: string
  figure: ComparedFigure
  declared: FigureDeclaration | undefined
  /** Difference and interval in per cent of the baseline; null where the baseline is zero or missing. */
  share: number | null
  low: number | null
  high: number | null
}

function percent(part: number | null, baseline: number | null): number | null {
  return part === null || part === undefined || !baseline ? null : (100 * part) / Math.abs(baseline)
}

/** One row a figure, in the order of the declaration; figures that no declaration knows come last, by their name. */
export function forestRows(
  figures: Record<string, ComparedFigure>, declared: Record<string, FigureDeclaration>,
): ForestRow[] {
  const names = [...Object.keys(declared).filter((name) => name in figures), ...Object.keys(figures).filter((name) => !(name in declared))]
  return names.map((name) => {
    const figure = figures[name]
    return {
      name, title: declared[name]?.title ?? name, unit: figure.unit, verdict: figure.verdict, figure, declared: declared[name],
      share: percent(figure.difference, figure.baseline),
      low: percent(figure.low, figure.baseline), high: percent(figure.high, figure.baseline),
    }
  })
}

/** Half the axis in per cent, the same to both sides: a round number that holds every interval, at most {@link WIDEST}. */
export function forestReach(rows: ForestRow[]): number {
  const ends = rows.flatMap((row) => [row.share, row.low, row.high]).filter((end): end is number => end !== null)
  const widest = Math.max(0, ...ends.map(Math.abs))
  return widest === 0 ? 1 : Math.min(endAfter(widest * 1.05), WIDEST)
}

export type ForestMark = { dot: number; low: number; high: number; cutLow: boolean; cutHigh: boolean }

/** Places of a row's mark on an axis of this width, zero in the middle; null where there is nothing to draw. */
export function forestMark(row: ForestRow, reach: number, width: number): ForestMark | null {
  if (row.share === null) return null
  const place = (share: number) => ((Math.min(Math.max(share, -reach), reach) + reach) / (2 * reach)) * width
  const [low, high] = [row.low ?? row.share, row.high ?? row.share]
  return { dot: place(row.share), low: place(low), high: place(high), cutLow: low < -reach, cutHigh: high > reach }
}

/** Where the axis has its ticks, in per cent. */
export function forestTicks(reach: number): number[] {
  return [-reach, -reach / 2, 0, reach / 2, reach]
}
