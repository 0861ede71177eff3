// Numbers as people read them: thousands separated, three significant digits, the unit beside the value.
import type { Language } from './words'

type Shown = { factor: number; unit: Record<Language, string> }
const plain = (en: string, zh = en): Shown => ({ factor: 1, unit: { en, zh } })

const UNITS: Record<string, Shown> = {
  's': plain('s', '秒'), 'min': plain('min', '分钟'), 'h': plain('h', '小时'),
  'm': plain('m', '米'), 'km': plain('km', '公里'), 'm2': plain('m²', '平方米'), 'm3': plain('m³', '立方米'),
  'm/s': { factor: 3.6, unit: { en: 'km/h', zh: '公里/时' } },
  'vehicles': plain('vehicles', '辆'), 'vehicles/h': plain('vehicles/h', '辆/时'),
  'features': plain('', '个'), 'persons': plain('persons', '人'),
  '1': plain(''), 'trips': plain('trips', '次'), '%': plain('%'), 'km/h': plain('km/h', '公里/时'), 'Pa': plain('Pa', '帕'),
  'vehicle_hours': plain('vehicle hours', '车小时'), 'vehicle_km': plain('vehicle km', '车公里'),
  'ratio': { factor: 100, unit: { en: '%', zh: '%' } },
}

/** The unit a value of this unit is shown in. */
export function shownUnit(unit: string | null | undefined, language: Language): string {
  return unit ? (UNITS[unit]?.unit[language] ?? unit) : ''
}

/** The unit of a difference: between two percentages lie percentage points. */
export function differenceUnit(unit: string | null | undefined, language: Language): string {
  const shown = shownUnit(unit, language)
  return shown === '%' ? (language === 'zh' ? '个百分点' : 'pp') : shown
}

/** The value in the unit it is shown in. */
export function shownValue(value: number, unit: string | null | undefined): number {
  return unit ? value * (UNITS[unit]?.factor ?? 1) : value
}

/** Smaller than this is what rounding leaves over, not a value. */
const NOISE = 1e-9

/**
 * Whole numbers and those from 100 on without decimals ("12,346"), smaller ones with as many as tell them apart
 * ("12.3", "1.23", "0.123"); what is very small keeps two digits ("0.0004"): only nothing is written as 0.
 */
export function formatNumber(value: number, language: Language, sign = false): string {
  const size = Math.abs(value)
  const digits = Number.isInteger(value) || size >= 100 ? 0 : size >= 10 ? 1 : size >= 1 ? 2 : 3
  return new Intl.NumberFormat(language === 'zh' ? 'zh-CN' : 'en-GB', {
    ...(size > NOISE && size < 0.001 ? { maximumSignificantDigits: 2 } : { maximumFractionDigits: digits }),
    signDisplay: sign ? 'exceptZero' : 'auto',
  }).format(value)
}

/** Value with unit; a missing value is an en dash. `sign` writes + before gains. */
export function formatQuantity(
  value: number | null | undefined, unit: string | null | undefined, language: Language, sign = false,
): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  const number = formatNumber(shownValue(value, unit), language, sign)
  const shown = shownUnit(unit, language)
  return shown === '' ? number : shown === '%' ? `${number} %` : `${number} ${shown}`
}

/** A difference with its sign and unit; a missing one is an en dash. */
export function formatDifference(value: number | null | undefined, unit: string | null | undefined, language: Language): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–'
  return `${formatNumber(shownValue(value, unit), language, true)} ${differenceUnit(unit, language)}`.trimEnd()
}

/** Seconds after local midnight as a clock, "07:05" or "07:05:30". */
export function formatClock(seconds: number, withSeconds = false): string {
  const whole = Math.floor(seconds)
  const parts = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60]
  return parts.slice(0, withSeconds ? 3 : 2).map((part) => String(part).padStart(2, '0')).join(':')
}
