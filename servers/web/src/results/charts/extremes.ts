// The rows of a difference layer that stand out.
import type { Better, Feature } from '../../server/documents'
import { numberOf } from './changes'

export type Extreme = { row: Feature; difference: number; baseline: number | null; plan: number | null }
export type Extremes = { losses: Extreme[]; gains: Extreme[] }

/**
 * The `count` clear rows with the largest differences to the worse and to the better side. Where neither is better,
 * `losses` are the largest decreases and `gains` the largest increases.
 */
export function extremes(rows: Feature[], column: string, better: Better, count = 10): Extremes {
  const clear: Extreme[] = []
  for (const row of rows) {
    const difference = numberOf(row.properties[`${column}_difference`])
    if (difference === null || difference === 0 || row.properties[`${column}_clear`] !== true) continue
    clear.push({ row, difference, baseline: numberOf(row.properties[`${column}_baseline`]), plan: numberOf(row.properties[`${column}_plan`]) })
  }
  const sign = better === 'lower' ? -1 : 1
  const best = clear.filter((one) => sign * one.difference > 0).sort((a, b) => sign * (b.difference - a.difference))
  const worst = clear.filter((one) => sign * one.difference < 0).sort((a, b) => sign * (a.difference - b.difference))
  return { losses: worst.slice(0, count), gains: best.slice(0, count) }
}
