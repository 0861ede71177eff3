// Numbers that stand beside each other get the same decimals: as many as their interval is worth.
import { differenceUnit, shownUnit, shownValue } from '../../language/quantities'
import type { Language } from '../../language/words'

const MOST_DECIMALS = 6

/**
 * Decimals that show `half`, half the width of an interval, with two significant digits; without an interval, those that
 * show the smallest of the values with three.
 */
export function decimalsFor(values: (number | null)[], half: number | null): number {
  const known = values.filter((value): value is number => value !== null && Number.isFinite(value))
  if (known.every(Number.isInteger) && !(half && half < 1)) return 0
  const [scale, digits] = half ? [half, 2] : [Math.min(...known.filter((value) => value !== 0).map(Math.abs)), 3]
  if (!Number.isFinite(scale) || scale <= 0) return 0
  return Math.min(Math.max(digits - 1 - Math.floor(Math.log10(scale)), 0), MOST_DECIMALS)
}

/** The decimals that a round number has by itself. */
export function ownDecimals(value: number): number {
  for (let decimals = 0; decimals < MOST_DECIMALS; decimals++) if (Math.abs(value - Number(value.toFixed(decimals))) < 1e-9) return decimals
  return MOST_DECIMALS
}

export function fixed(value: number | null, decimals: number, language: Language, sign = false): string {
  if (value === null || !Number.isFinite(value)) return '–'
  const rounded = Number(value.toFixed(decimals)) || 0 // no minus before a zero
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    minimumFractionDigits: decimals, maximumFractionDigits: decimals, signDisplay: sign ? 'exceptZero' : 'auto',
  }).format(rounded)
}

export type Compared = { baseline: number | null; plan: number | null; difference: number | null; low: number | null; high: number | null }
export type ComparedWords = { baseline: string; plan: string; difference: string; interval: string; unit: string; differenceUnit: string }

/** A compared figure's five numbers as texts, in the unit they are shown in. */
export function comparedWords(figure: Compared, unit: string, language: Language): ComparedWords {
  const show = (value: number | null | undefined) => (value === null || value === undefined ? null : shownValue(value, unit))
  const [baseline, plan, difference, low, high] = [figure.baseline, figure.plan, figure.difference, figure.low, figure.high].map(show)
  const half = low !== null && high !== null && high > low ? (high - low) / 2 : null
  const fine = decimalsFor([difference], half)
  const coarse = Math.min(fine, Math.max(decimalsFor([baseline, plan], null), half ? 1 : 0))
  const interval = half === null ? '' : `[${fixed(low, fine, language, true)}, ${fixed(high, fine, language, true)}]`
  return {
    baseline: fixed(baseline, coarse, language), plan: fixed(plan, coarse, language),
    difference: fixed(difference, fine, language, true), interval, unit: shownUnit(unit, language), differenceUnit: differenceUnit(unit, language),
  }
}
