import { describe, expect, it } from 'vitest'
import { endAfter, roundUp } from '../src/results/scales/numbers'
import { mix, viridis } from '../src/results/scales/palette'
import { amountScale, categoryScale, differenceScale, joined, scaleOf } from '../src/results/scales/scale'
import { differenceNote, legendOf } from '../src/results/scales/legendOf'

const number = (min: number, max: number, quantiles: number[]) => ({ kind: 'number' as const, min, max, quantiles })

/** Relative luminance after WCAG 2.2. */
function luminance(color: string): number {
  const parts = [1, 3, 5].map((from) => Number.parseInt(color.slice(from, from + 2), 16) / 255)
  const [r, g, b] = parts.map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  return 0.2126 * r + 0.7152 * g + 0.0722 * b
}

describe('viridis', () => {
  it('gets darker towards much on the light theme, brighter on the dark one', () => {
    const light = viridis(7, 'light').map(luminance)
    const dark = viridis(7, 'dark').map(luminance)
    for (let step = 1; step < 7; step++) {
      expect(light[step]).toBeLessThan(light[step - 1])
      expect(dark[step]).toBeGreaterThan(dark[step - 1])
    }
  })
  it('mixes colours half way', () => expect(mix('#000000', '#ffffff', 0.5)).toBe('#808080'))
})

describe('round numbers', () => {
  it.each([[3, 5], [0.07, 0.1], [2.5, 2.5], [101, 200], [1000, 1000]])('%d rounds up to %d', (value, expected) => {
    expect(roundUp(value)).toBeCloseTo(expected, 12)
  })
  it('an end is never before the value, and at most a third beyond', () => {
    for (let value = 0.0013; value < 1e6; value *= 1.37) {
      expect(endAfter(value)).toBeGreaterThanOrEqual(value * (1 - 1e-9))
      expect(endAfter(value)).toBeLessThanOrEqual(value * 1.34)
    }
  })
  it.each([0, -1, Number.NaN, Infinity])('%d has an end too', (value) => expect(endAfter(value)).toBe(1))
})

describe('amounts', () => {
  it('evenly spread values get an even ramp that begins at zero', () => {
    const scale = amountScale(number(1, 100, [5, 25, 50, 75, 95]), 'light')
    expect(scale.kind).toBe('ramp')
    expect(scale.stops.map((stop) => stop.value)).toEqual([0, 25, 50, 75, 100])
  })
  it('values that crowd at one end get quantile steps, ascending and without repeats', () => {
    const scale = amountScale(number(0, 3600, [0, 0, 11, 60, 334]), 'light')
    expect(scale.kind).toBe('steps')
    expect(scale.stops.map((stop) => stop.value)).toEqual([0, 11, 60, 330])
    expect(new Set(scale.stops.map((stop) => stop.color)).size).toBe(4)
  })
  it('one value gets one colour', () => expect(amountScale(number(4, 4, [4, 4, 4, 4, 4]), 'dark').stops).toHaveLength(1))
  it('no value at all does not fail', () => expect(amountScale({ kind: 'number', min: null, max: null, quantiles: [] }, 'dark').stops).toHaveLength(1))
  it('negative amounts keep their sign', () => {
    expect(amountScale(number(-50, -10, [-50, -40, -30, -20, -10]), 'light').stops.map((stop) => stop.value)).toEqual([-50, -40, -30, -20, -10])
  })
})

describe('differences', () => {
  const skewed = number(-1, 80, [-0.5, -0.1, 0, 0.1, 40])
  it('are centred on zero with equal reach, however skewed', () => {
    const { stops, reach } = differenceScale(skewed, 'lower', 'light')
    expect(stops.map((stop) => stop.value)).toEqual([...stops].map((stop) => 0 - stop.value).reverse())
    expect(stops.find((stop) => stop.value === 0)).toBeDefined()
    expect(reach).toBe(40)
  })
  it('reach the rows that change, when most do not', () => {
    expect(differenceScale(number(-400, 100, [0, 0, 0, 0, 0]), 'lower', 'light').reach).toBe(100)
  })
  it('blue is the better side whichever it is', () => {
    const lower = differenceScale(skewed, 'lower', 'light').stops
    const higher = differenceScale(skewed, 'higher', 'light').stops
    expect(lower[0].color).toBe(higher[higher.length - 1].color)
    expect(lower[lower.length - 1].color).toBe(higher[0].color)
  })
  it('no change anywhere still makes a scale', () => expect(differenceScale(number(0, 0, [0, 0, 0, 0, 0]), 'neither', 'dark').reach).toBe(1))
  it('both sides share one scale', () => {
    expect(joined([number(0, 10, [0, 2, 4]), number(2, 30, [2, 4, 8])])).toEqual({ kind: 'number', min: 0, max: 30, quantiles: [1, 3, 6] })
    expect(joined([undefined, { kind: 'bool' }])).toBeNull()
  })
})

describe('categories and legends', () => {
  it('the first eight categories differ in colour', () => {
    const { entries } = categoryScale({ kind: 'category', categories: ['a', 'b', 'c', 'd', 'e', 'f', 'g', 'h'] }, 'light')
    expect(new Set(entries.map((entry) => entry.color)).size).toBe(8)
  })
  it('yes and no are words in both languages', () => {
    const { stops } = legendOf(scaleOf({ kind: 'bool' }, 'light'), 'Open', '', 'light', 'en')
    expect(stops.map((stop) => stop.label)).toEqual([{ en: 'yes', zh: '是' }, { en: 'no', zh: '否' }, { en: 'other', zh: '其他' }])
  })
  it('values are in the unit that is shown', () => {
    const legend = legendOf(amountScale(number(0, 20, [0, 5, 10, 15, 20]), 'light'), 'Speed', 'm/s', 'light', 'zh')
    expect(legend.unit).toBe('公里/时')
    expect(legend.stops.map((stop) => stop.value)).toEqual([0, 18, 36, 54, 72])
  })
  it('steps say from where to where', () => {
    const legend = legendOf(amountScale(number(0, 3600, [0, 0, 11, 60, 334]), 'light'), 'Loss', 's', 'light', 'en')
    expect(legend.stops.map((stop) => stop.label)).toEqual(['< 11', '11 – 60', '60 – 330', '≥ 330'])
  })
  it('a diverging legend has even steps around zero', () => {
    const legend = legendOf(differenceScale(number(-8, 8, [-8, 0, 0, 0, 8]), 'lower', 'dark'), 'Loss', 's', 'dark', 'en')
    expect(legend.stops.map((stop) => stop.value)).toEqual([-8, -4, 0, 4, 8])
  })
  it('says what either end means, and what is grey', () => {
    expect(differenceNote('lower', true).en).toBe('← better · worse → · grey: no clear difference')
    expect(differenceNote('higher', false).zh).toBe('← 变差 · 改善 → · 灰色：无差异')
    expect(differenceNote('neither', true).en).toContain('← less · more →')
  })
})
