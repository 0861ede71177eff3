import { describe, expect, it } from 'vitest'
import { formatInstant, formatMoment } from '../src/language/instants'
import { formatClock, formatNumber, formatQuantity, shownValue } from '../src/language/quantities'

describe('quantities', () => {
  it.each([
    [12345.6, null, 'en', '12,346'], [0.01234, 'ratio', 'en', '1.23 %'], [16.6667, 'm/s', 'zh', '60 公里/时'], [1234567, 'm2', 'zh', '1,234,567 平方米'],
    [0, 's', 'en', '0 s'], [-3.5, 's', 'en', '-3.5 s'],
  ] as const)('writes %f %s (%s) as "%s"', (value, unit, language, text) => {
    expect(formatQuantity(value, unit, language)).toBe(text)
  })

  it('shows what is missing as a dash, never as 0 or NaN', () => {
    for (const missing of [null, undefined, Number.NaN, Infinity]) expect(formatQuantity(missing, 's', 'en')).toBe('–')
  })

  it('writes a sign before differences, none before zero', () => {
    expect([5, -5, 0].map((value) => formatNumber(value, 'en', true))).toEqual(['+5', '-5', '0'])
  })

  it('writes 0 for nothing only', () => {
    expect([0.0004, -0.00012345, 0.001, 3e-17].map((value) => formatNumber(value, 'en'))).toEqual(['0.0004', '-0.00012', '0.001', '0'])
    expect(formatNumber(0.0004, 'en', true)).toBe('+0.0004')
  })

  it('keeps a unit it does not know', () => {
    expect(formatQuantity(3, 'kPa', 'zh')).toBe('3 kPa')
    expect(shownValue(3, 'kPa')).toBe(3)
  })

  it.each([[0, '00:00'], [25_230, '07:00'], [86_399, '23:59']])('writes %i s as %s', (seconds, clock) => {
    expect(formatClock(seconds)).toBe(clock)
  })

  it('writes instants in the city’s zone, and what is none as it stands', () => {
    expect(formatInstant('2026-11-22T14:00:00Z', 'en', 'Asia/Shanghai')).toContain('22:00')
    expect(formatInstant('soon', 'en')).toBe('soon')
    expect(formatInstant(null, 'en')).toBe('–')
  })

  it('says the day only where it is another one there, the year only where it is another one', () => {
    const now = new Date('2025-03-03T23:30:00Z') // the fourth in Shanghai
    const moment = (iso: string) => formatMoment(iso, 'en', 'Asia/Shanghai', now)
    expect(moment('2025-03-04T00:05:00Z')).toBe('08:05')
    expect(moment('2025-03-03T00:05:00Z')).toMatch(/^3 Mar.*08:05$/)
    expect(moment('2024-12-31T00:05:00Z')).toContain('2024')
    expect(moment('2024-12-31T18:00:00Z')).not.toContain('2024')
    expect(moment('nonsense')).toBe('nonsense')
  })
})
