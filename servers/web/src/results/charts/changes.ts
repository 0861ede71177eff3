// Before and after, row by row: the points of the scatter plot, its band, and the histogram of differences.
import type { Better, TableDocument } from '../../server/documents'
import { endAfter, roundUp } from '../scales/numbers'

export const CLASSES = ['gained', 'lost', 'unchanged'] as const
export type ChangeClass = (typeof CLASSES)[number] | 'only_baseline' | 'only_plan'
export type Point = [number, number]

/**
 * The class of one pair, by the rule of the server's `paired_changes`: better by more than the tolerance is a gain, worse
 * a loss; where neither direction is better, more counts as a gain. Null where neither side has a value.
 */
export function changeClass(baseline: number | null, plan: number | null, better: Better, tolerance: number): ChangeClass | null {
  if (baseline === null || plan === null) {
    if (baseline === plan) return null
    return plan === null ? 'only_baseline' : 'only_plan'
  }
  const towards = better === 'lower' ? baseline - plan : plan - baseline
  if (towards > tolerance) return 'gained'
  return towards < -tolerance ? 'lost' : 'unchanged'
}

/** A number, or null for what JSON or a table may hold in its place. */
export function numberOf(value: unknown): number | null {
  return typeof value === 'number' && Number.isFinite(value) ? value : null
}

/** Points (before, after) of each class, in the unit they are shown in. */
export function scatterPoints(
  table: TableDocument, better: Better, tolerance: number, factor: number,
): Record<(typeof CLASSES)[number], Point[]> {
  const points: Record<(typeof CLASSES)[number], Point[]> = { gained: [], lost: [], unchanged: [] }
  const { baseline = [], plan = [] } = table.data
  for (let row = 0; row < baseline.length; row++) {
    const [before, after] = [numberOf(baseline[row]), numberOf(plan[row])]
    const found = changeClass(before, after, better, tolerance)
    if (found === 'gained' || found === 'lost' || found === 'unchanged') points[found].push([before! * factor, after! * factor])
  }
  return points
}

/** The range of both axes: the same for both, so that the diagonal is one of 45°. */
export function scatterRange(points: Point[]): Point {
  if (points.length === 0) return [0, 1]
  let [low, high] = [Infinity, -Infinity]
  for (const [before, after] of points) {
    low = Math.min(low, before, after)
    high = Math.max(high, before, after)
  }
  return [low >= 0 ? 0 : -endAfter(-low), high > 0 ? endAfter(high) : 1]
}

export type Bin = { from: number; to: number; count: number }

/** Differences in even bins around zero, whose edges are round numbers; what lies beyond is put into the last bins. */
export function differenceBins(table: TableDocument, factor: number, wanted = 24): Bin[] {
  const { baseline = [], plan = [] } = table.data
  const differences = baseline
    .map((value, row) => [numberOf(value), numberOf(plan[row])])
    .flatMap(([before, after]) => (before === null || after === null ? [] : [(after - before) * factor]))
  if (differences.length === 0) return []
  const sizes = differences.map(Math.abs).sort((a, b) => a - b)
  // The 98th percentile: a few extreme rows would squeeze all others into the middle bin.
  const reach = sizes[Math.min(sizes.length - 1, Math.floor(0.98 * sizes.length))] || sizes[sizes.length - 1] || 1
  const width = roundUp((2 * reach) / wanted)
  const half = Math.ceil(reach / width)
  const bins = Array.from({ length: 2 * half }, (_, place) => ({ from: (place - half) * width, to: (place - half + 1) * width, count: 0 }))
  for (const difference of differences) {
    const place = Math.floor(difference / width) + half
    bins[Math.min(Math.max(place, 0), bins.length - 1)].count += 1
  }
  return bins
}

/** `values` in even bins with round edges. */
export function valueBins(values: number[], wanted = 24): Bin[] {
  if (values.length === 0) return []
  const low = values.reduce((a, b) => Math.min(a, b))
  const high = values.reduce((a, b) => Math.max(a, b))
  const width = roundUp((high - low) / wanted || 1)
  const start = Math.floor(low / width) * width
  const bins = Array.from({ length: Math.floor((high - start) / width) + 1 }, (_, place) => ({ from: start + place * width, to: start + (place + 1) * width, count: 0 }))
  for (const value of values) bins[Math.min(Math.floor((value - start) / width), bins.length - 1)].count += 1
  return bins
}
