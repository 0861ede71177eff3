import { describe, expect, it } from 'vitest'
import type { ComparedFigure, Feature, FigureDeclaration, TableDeclaration, TableDocument } from '../src/server/documents'
import { comparedWords, decimalsFor, fixed, ownDecimals } from '../src/results/charts/aligned'
import { changeClass, differenceBins, scatterPoints, scatterRange, valueBins } from '../src/results/charts/changes'
import { chooseChart, clockColumns, rowLabels } from '../src/results/charts/chartChoice'
import { extremes } from '../src/results/charts/extremes'
import { forestMark, forestReach, forestRows, forestTicks } from '../src/results/charts/forest'
import { clockStep, escaped, linePoints } from '../src/results/charts/lines'
import { byWeight, endsOf, meaningOf, meaningOfSign } from '../src/results/verdicts'

const text = (en: string) => ({ en, zh: en })
const figure = (more: Partial<ComparedFigure>): ComparedFigure => ({
  unit: 's', baseline: 100, plan: 110, difference: 10, low: 5, high: 15, p_adjusted: 0.01, verdict: 'loss', ...more,
})
const declared = (better: FigureDeclaration['better'], judged = true): FigureDeclaration => ({ title: text('t'), unit: 's', better, description: '', judged })

describe('forest plot', () => {
  it('keeps the order of the declaration and scales by the size of the baseline', () => {
    const rows = forestRows({ b: figure({ baseline: -50 }), a: figure({}) }, { a: declared('lower'), b: declared('lower') })
    expect(rows.map((row) => row.name)).toEqual(['a', 'b'])
    expect(rows.map((row) => row.share)).toEqual([10, 20])
  })
  it('a baseline of zero has no share, and nothing is drawn', () => {
    const [row] = forestRows({ a: figure({ baseline: 0 }) }, {})
    expect(row.share).toBeNull()
    expect(forestMark(row, 10, 200)).toBeNull()
  })
  it('zero is in the middle and marks keep their order', () => {
    const [row] = forestRows({ a: figure({}) }, {})
    const mark = forestMark(row, forestReach([row]), 200)!
    expect(mark.low).toBeLessThan(mark.dot)
    expect(mark.dot).toBeLessThan(mark.high)
    expect(mark.low).toBeGreaterThan(100)
    expect(mark.high).toBeLessThanOrEqual(200)
    expect([mark.cutLow, mark.cutHigh]).toEqual([false, false])
  })
  it('what lies beyond twice the baseline is cut and says so', () => {
    const rows = forestRows({ a: figure({ difference: 300, low: -20, high: 600 }) }, {})
    expect(forestReach(rows)).toBe(100)
    const mark = forestMark(rows[0], 100, 200)!
    expect([mark.dot, mark.high, mark.cutHigh, mark.cutLow]).toEqual([200, 200, true, false])
  })
  it('no difference at all still has an axis', () => {
    const rows = forestRows({ a: figure({ difference: 0, low: 0, high: 0 }) }, {})
    expect(forestTicks(forestReach(rows))).toEqual([-1, -0.5, 0, 0.5, 1])
  })
})

describe('numbers side by side', () => {
  it('have as many decimals as the interval is worth', () => {
    expect(comparedWords({ baseline: 113.729, plan: 130.294, difference: 16.565, low: 11.05, high: 22.08 }, 's', 'en'))
      .toEqual({ baseline: '113.7', plan: '130.3', difference: '+16.6', interval: '[+11.1, +22.1]', unit: 's', differenceUnit: 's' })
  })
  it('are in the unit that is shown', () => {
    const words = comparedWords({ baseline: 10, plan: 12, difference: 2, low: 1, high: 3 }, 'm/s', 'zh')
    expect([words.baseline, words.difference, words.unit]).toEqual(['36.0', '+7.2', '公里/时'])
  })
  it('between two percentages lie percentage points', () => {
    const said = (language: 'en' | 'zh') => comparedWords({ baseline: 0.12, plan: 0.15, difference: 0.03, low: 0.01, high: 0.05 }, 'ratio', language)
    expect([said('en').unit, said('en').difference, said('en').differenceUnit]).toEqual(['%', '+3', 'pp'])
    expect(said('zh').differenceUnit).toBe('个百分点')
  })
  it('missing values are a dash, and no zero has a minus', () => {
    expect(comparedWords({ baseline: null, plan: null, difference: null, low: null, high: null }, 's', 'en').difference).toBe('–')
    expect(fixed(-0.0004, 1, 'en', true)).toBe('0.0')
  })
  it('whole counts stay whole', () => expect(decimalsFor([612, 618, 6], null)).toBe(0))
  it.each([[25, 0], [0.75, 2], [-1.5, 1], [0, 0]])('%d has %d decimals of its own', (value, decimals) => expect(ownDecimals(value)).toBe(decimals))
})

describe('verdicts', () => {
  it.each([['gain', 'gain'], ['loss', 'loss'], ['change', 'change'], ['no clear difference', 'unclear'], ['too few pairs', 'unknown'], ['new word', 'unknown']])(
    '"%s" means %s', (verdict, meaning) => expect(meaningOf(verdict)).toBe(meaning),
  )
  it('less is better or worse by declaration', () => {
    expect([meaningOfSign(-1, 'lower'), meaningOfSign(-1, 'higher'), meaningOfSign(-1, 'neither')]).toEqual(['gain', 'loss', 'change'])
    expect([endsOf('lower'), endsOf('higher'), endsOf('neither')]).toEqual([{ less: 'gain', more: 'loss' }, { less: 'loss', more: 'gain' }, { less: 'fell', more: 'rose' }])
  })
  it('clear figures come first, the largest share first', () => {
    const sorted = byWeight([{ verdict: 'no clear difference', share: 90 }, { verdict: 'gain', share: -3 }, { verdict: 'loss', share: 12 }, { verdict: 'change', share: 50 }])
    expect(sorted.map((one) => one.share)).toEqual([12, -3, 50, 90])
  })
})

const table = (columns: [string, string, string][], data: TableDocument['data'], rows?: number): TableDocument => ({
  columns: columns.map(([name, unit, dtype]) => ({ name, title: text(name), unit, dtype })), rows: rows ?? Object.values(data)[0].length, data,
})

describe('rows before and after', () => {
  it.each([[100, 30, 'lower', 'gained'], [100, 170, 'lower', 'lost'], [100, 160, 'lower', 'unchanged'], [100, 170, 'higher', 'gained'], [100, 170, 'neither', 'gained'], [100, null, 'lower', 'only_baseline'], [null, 5, 'lower', 'only_plan'], [null, null, 'lower', null]] as const)(
    '%s → %s, %s is better: %s', (before, after, better, expected) => expect(changeClass(before, after, better, 60)).toBe(expected),
  )
  const pairs = table([['baseline', 's', 'float64'], ['plan', 's', 'float64']], { baseline: [100, 100, 100, null], plan: [30, 170, 101, 7] })
  it('every pair is drawn once, in its class and in the unit that is shown', () => {
    expect(scatterPoints(pairs, 'lower', 60, 2)).toEqual({ gained: [[200, 60]], lost: [[200, 340]], unchanged: [[200, 202]] })
  })
  it('both axes hold all points', () => {
    expect(scatterRange([[10, 283]])).toEqual([0, 300])
    expect(scatterRange([[-3, 5]])).toEqual([-3, 5])
    expect(scatterRange([])).toEqual([0, 1])
  })
  it('the histogram counts every pair, symmetrically around zero', () => {
    const bins = differenceBins(pairs, 1)
    expect(bins.reduce((sum, bin) => sum + bin.count, 0)).toBe(3)
    expect(bins[0].from).toBe(-bins[bins.length - 1].to)
    expect(bins.some((bin) => bin.to === 0)).toBe(true)
  })
  it('values fall into exactly one bin', () => {
    const values = [0, 1, 2.5, 2.5, 7, 100]
    expect(valueBins(values).reduce((sum, bin) => sum + bin.count, 0)).toBe(values.length)
    expect(valueBins([4, 4])).toEqual([{ from: 4, to: 5, count: 2 }])
    expect(valueBins([])).toEqual([])
  })
})

describe('choice of a chart', () => {
  const minutes = table(
    [['at', 's', 'float64'], ['under_way', 'vehicles', 'float64'], ['stood', 'vehicles', 'float64'], ['speed', 'm/s', 'float64'], ['empty', 'Pa', 'float64']],
    { at: [24300, 24360, 24420], under_way: [0, 30, 64], stood: [0, 1, 2], speed: [null, 11, 10], empty: [null, null, null] },
  )
  it('a strictly rising column of seconds makes lines, one chart a unit, without empty columns', () => {
    expect(chooseChart(minutes, undefined)).toEqual({ kind: 'time', axis: 'at', groups: [{ unit: 'vehicles', columns: ['under_way', 'stood'] }, { unit: 'm/s', columns: ['speed'] }] })
  })
  it('the name of a column does not matter, its unit does', () => {
    const distance = { ...minutes, columns: minutes.columns.map((one) => (one.name === 'at' ? { ...one, unit: 'm' } : one)) }
    expect(chooseChart(distance, undefined)).toBeNull()
  })
  it('short named rows are ranked, by as many text columns as tell them apart', () => {
    const bridges = table([['bridge', '', 'string'], ['heading', '', 'string'], ['note', '', 'string'], ['flow', 'vehicles/h', 'float64']], { bridge: ['A', 'A', 'B'], heading: ['N', 'S', 'N'], note: ['', '', ''], flow: [3, 1, 2] })
    expect(chooseChart(bridges, undefined)).toEqual({ kind: 'ranking', labels: ['bridge', 'heading'], columns: ['flow'] })
    expect(rowLabels(bridges, ['bridge', 'heading'])).toEqual(['A · N', 'A · S', 'B · N'])
  })
  const trips: TableDeclaration = { title: text('Trips'), pair_by: 'trip', columns: { duration: { title: text('d'), unit: 's', better: 'lower', compare: true, tolerance: 60 } } }
  it('a long table shows how its compared column is spread', () => {
    const part = table([['trip', '', 'string'], ['duration', 's', 'float64']], { trip: ['a', 'b', 'c'], duration: [9, 3, 5] }, 5000)
    expect(chooseChart(part, trips)).toEqual({ kind: 'distribution', column: 'duration' })
    expect(chooseChart(part, undefined)).toBeNull()
  })
  it('clock times are told from durations', () => {
    const intervals = table([['begin', 's', 'float64'], ['duration', 's', 'float64'], ['depart', 's', 'float64']], { begin: [25200, 26100, 25200], duration: [300, 60, 120], depart: [25200.1, 25200.1, 25207] })
    expect(clockColumns(intervals)).toEqual(['begin', 'depart'])
  })
})

describe('lines over the clock', () => {
  it('have the unit that is shown, and gaps where there is no value', () => {
    const part = table([['at', 's', 'float64'], ['v', 'm/s', 'float64']], { at: [0, 60], v: [10, null] })
    expect(linePoints(part, 'at', 'v', 'm/s')).toEqual([[0, 36], [60, null]])
  })
  it.each([[3600, 600], [8100, 1800], [86400, 14400]])('%d s are ticked every %d s', (span, step) => expect(clockStep(span)).toBe(step))
  it('no name gets markup into a tooltip', () => expect(escaped('<img src=x onerror="1">')).not.toMatch(/[<>"]/))
})

describe('rows that stand out', () => {
  const row = (id: string, difference: number | null, clear = true): Feature => ({ type: 'Feature', id, geometry: null, properties: { v_difference: difference, v_clear: clear, v_baseline: 1, v_plan: 2 } })
  const rows = [row('small loss', 1), row('loss', 9), row('gain', -4), row('unclear', 99, false), row('none', null), row('same', 0)]
  it('are clear, on their side, the largest first', () => {
    const found = extremes(rows, 'v', 'lower', 1)
    expect([found.losses.map((one) => one.row.id), found.gains.map((one) => one.row.id)]).toEqual([['loss'], ['gain']])
  })
  it('swap sides where more is better; without a better side they are decreases and increases', () => {
    expect(extremes(rows, 'v', 'higher').gains.map((one) => one.row.id)).toEqual(['loss', 'small loss'])
    expect(extremes(rows, 'v', 'neither').losses.map((one) => one.row.id)).toEqual(['gain'])
  })
})
