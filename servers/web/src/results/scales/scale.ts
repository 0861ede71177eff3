// From a column's statistics to a scale: which colour and width a value gets on the map and in the legend.
import type { Better, ColumnStatistics } from '../../server/documents'
import type { Theme } from '../../state/address'
import { ascending, endAfter, twoFigures } from './numbers'
import { DIVERGING, categoryColor, mix, viridis, type Color } from './palette'

export type NumberStop = { value: number; color: Color }
/** Values between stops blend. */
export type Ramp = { kind: 'ramp'; stops: NumberStop[] }
/** Each colour holds from its value up to the next. */
export type Steps = { kind: 'steps'; stops: NumberStop[] }
/** Blends from one end over nothing at zero to the other; `reach` is the value of either end. */
export type Diverging = { kind: 'diverging'; reach: number; stops: NumberStop[] }
export type Categories = { kind: 'categories'; entries: { value: string | boolean; color: Color }[] }
export type Scale = Ramp | Steps | Diverging | Categories

type NumberStatistics = Extract<ColumnStatistics, { kind: 'number' }>

/** Amounts: an even ramp between the outer quantiles; quantile steps where most values crowd at one end. */
export function amountScale(statistics: NumberStatistics, theme: Theme): Ramp | Steps {
  const known = statistics.quantiles.filter((value) => Number.isFinite(value))
  const [least, most] = [statistics.min ?? known[0] ?? 0, statistics.max ?? known.at(-1) ?? 0]
  // The whole range where no outlier would squeeze the rest; else what lies between the outer quantiles.
  const whole = known.length < 2 || most - least <= 1.5 * (known[known.length - 1] - known[0])
  const low = whole ? least : known[0]
  const high = whole ? most : known[known.length - 1]
  const top = high > low ? high : (statistics.max ?? high)
  const bottom = high > low ? low : (statistics.min ?? low)
  if (!(top > bottom)) return { kind: 'ramp', stops: [{ value: bottom, color: viridis(1, theme)[0] }] }
  return crowded(known, bottom, top) ? quantileSteps(known, bottom, theme) : evenRamp(bottom, top, theme)
}

/** Whether the middle half of the values lies within a seventh of the range: a ramp would show one colour. */
function crowded(quantiles: number[], bottom: number, top: number): boolean {
  if (quantiles.length < 5) return false
  const middle = quantiles[Math.floor(quantiles.length / 2)]
  const share = (middle - bottom) / (top - bottom)
  return (share < 1 / 7 || share > 6 / 7) && ascending(quantiles).length >= 3
}

function quantileSteps(quantiles: number[], bottom: number, theme: Theme): Steps {
  const breaks = ascending([bottom, ...quantiles].map(twoFigures))
  const colors = viridis(breaks.length, theme)
  return { kind: 'steps', stops: breaks.map((value, place) => ({ value, color: colors[place] })) }
}

/** Zero is where an amount begins if the values reach down near it. */
function evenRamp(bottom: number, top: number, theme: Theme): Ramp {
  const start = bottom > 0 && bottom < 0.25 * top ? 0 : twoFigures(bottom)
  const end = start === 0 ? endAfter(top) : twoFigures(top)
  const count = 5
  const colors = viridis(count, theme)
  const stops = colors.map((color, place) => ({ value: start + ((end - start) * place) / (count - 1), color }))
  return { kind: 'ramp', stops }
}

/**
 * Differences: centred on zero, equal reach to both sides, so that equal changes look equally strong. Blue is the better
 * side; where neither is better, blue is less and orange is more.
 */
export function differenceScale(statistics: NumberStatistics, better: Better, theme: Theme): Diverging {
  const outer = [...statistics.quantiles, statistics.quantiles.length ? 0 : (statistics.min ?? 0), statistics.quantiles.length ? 0 : (statistics.max ?? 0)]
  const widest = Math.max(0, ...outer.filter(Number.isFinite).map(Math.abs))
  const farthest = Math.max(Math.abs(statistics.min ?? 0), Math.abs(statistics.max ?? 0))
  // Most rows of a good plan do not change at all: quantiles near zero say nothing about those that do.
  const reach = endAfter(Math.max(widest, farthest / 4))
  return { kind: 'diverging', reach, stops: divergingStops(reach, better, theme) }
}

function divergingStops(reach: number, better: Better, theme: Theme): NumberStop[] {
  const { blue, orange, middle } = DIVERGING[theme]
  const [less, more] = better === 'higher' ? [orange, blue] : [blue, orange]
  return [
    { value: -reach, color: less[0] },
    { value: -reach / 2, color: mix(less[1], less[0], 0.35) },
    { value: -reach / 12, color: less[1] },
    { value: 0, color: middle },
    { value: reach / 12, color: more[1] },
    { value: reach / 2, color: mix(more[1], more[0], 0.35) },
    { value: reach, color: more[0] },
  ]
}

export function categoryScale(statistics: Exclude<ColumnStatistics, NumberStatistics>, theme: Theme): Categories {
  const values = statistics.kind === 'bool' ? [true, false] : statistics.categories
  return { kind: 'categories', entries: values.map((value, place) => ({ value, color: categoryColor(place, theme) })) }
}

/** The scale of a run's column. */
export function scaleOf(statistics: ColumnStatistics, theme: Theme): Scale {
  return statistics.kind === 'number' ? amountScale(statistics, theme) : categoryScale(statistics, theme)
}

/** One scale for a column on both sides of a comparison: colours mean the same on either map. */
export function joined(sides: (ColumnStatistics | undefined)[]): NumberStatistics | null {
  const numbers = sides.filter((side): side is NumberStatistics => side?.kind === 'number')
  if (numbers.length === 0) return null
  const known = numbers.map((side) => side.quantiles).filter((one) => one.length > 0)
  const places = known.length ? Math.min(...known.map((one) => one.length)) : 0
  const defined = (values: (number | null)[]) => values.filter((value): value is number => value !== null)
  return {
    kind: 'number',
    min: numbers.some((side) => side.min !== null) ? Math.min(...defined(numbers.map((side) => side.min))) : null,
    max: numbers.some((side) => side.max !== null) ? Math.max(...defined(numbers.map((side) => side.max))) : null,
    quantiles: Array.from({ length: places }, (_, place) => known.reduce((sum, one) => sum + one[place], 0) / known.length),
  }
}
