// @vitest-environment jsdom
// What a reader of results relies on: one word for each side, measures as the plan says them, nothing lost by a refetch.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, render, screen, within } from '@testing-library/react'
import type { ReactElement } from 'react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { formatDifference } from '../src/language/quantities'
import { fieldWords, timeWords, valueWords } from '../src/planning/measureTypes'
import ComparisonPanel from '../src/results/ComparisonPanel'
import RunPanel from '../src/results/RunPanel'
import { Fold } from '../src/results/panel/Fold'
import { TablePage } from '../src/results/panel/TablePage'
import { curveOf, withCurve } from '../src/results/panel/curveChoice'
import { sideNames } from '../src/results/sideNames'
import type { MeasureDocument } from '../src/server/documents'
import { useAddress } from '../src/state/address'
import { comparisonOf, runOf } from './strangeResults'

vi.mock('../src/results/charts/echarts', () => ({ init: () => ({ setOption: () => {}, resize: () => {}, dispose: () => {} }) }))

const both = (en: string, zh: string) => ({ en, zh })
const WATER = {
  type: 'water', title: both('Water a garden', '浇灌花园'), description: '', scenario: 'gardens', targets: [{ field: 'garden', layer: 'gardens' }],
  schema: {
    properties: {
      type: { const: 'water' }, from: { title: 'From' }, to: { title: 'To' },
      days: { title: 'Days', default: 'any', enum: ['any', 'workday'], enum_titles: { any: both('Every day', '每天'), workday: both('Workdays', '工作日') } },
      garden: { title: 'Garden', title_zh: '花园' }, flow: { title: 'Flow', unit: 'm/s' }, gentle: { title: 'Gentle', title_zh: '轻柔', type: 'boolean' },
      beds: { title: 'Beds', title_zh: '苗床' },
    },
  },
} as unknown as MeasureDocument
const MEASURE = { type: 'water', gentle: true, flow: 5, garden: 'North garden', from: '07:00', to: '09:00', days: 'workday' }

let answers: Record<string, unknown> = {}
let away = false
beforeEach(() => {
  away = false
  answers = {
    '/api/city': { timezone: 'Asia/Shanghai' }, '/api/measures': { measures: [WATER] },
    '/api/collections': { collections: [{ id: 'gardens', titles: both('Gardens', '花园'), kind: 'feature', rows: 0, fields: [{ name: 'flow_ms', title: both('Flow limit', '流速上限'), unit: 'm/s', dtype: 'float64' }] }] },
  }
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} unobserve() {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
  vi.stubGlobal('fetch', async (path: string) => {
    if (away) throw new TypeError('Failed to fetch')
    const found = answers[path] ?? answers[path.split('?')[0]]
    return new Response(JSON.stringify(found ?? { status: 404, code: 'x.not_found', what: 'nothing there' }), { status: found ? 200 : 404 })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show(element: ReactElement, address: Partial<ReturnType<typeof useAddress.getState>> = {}) {
  useAddress.setState({ language: 'en', panel: '', run: '', comparison: '', layer: '', column: '', at: '', ...address })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  return { client, ...render(<QueryClientProvider client={client}>{element}</QueryClientProvider>) }
}

describe('measures and values', () => {
  it('have units, words of their choices and the order of their declaration', () => {
    expect(fieldWords(MEASURE, WATER, 'en')).toEqual(['18 km/h', 'Gentle yes'])
    expect(timeWords(MEASURE, WATER, 'en')).toBe('07:00–09:00, Workdays')
    expect(timeWords(MEASURE, WATER, 'zh')).toBe('07:00–09:00，工作日')
  })
  it('say lists, and what no declaration knows', () => {
    expect(fieldWords({ type: 'water', garden: ['g1', 'g2'], beds: [] , x_y: 3 }, WATER, 'zh')).toEqual(['花园 g1、g2', '苗床 ', 'x y 3'])
    expect(fieldWords({ type: 'gone', some_field: 3, note: 'why' }, undefined, 'en')).toEqual(['some field 3'])
    expect(valueWords({ deep: [1, { down: true }] }, {}, 'en')).toBe('deep 1, down yes')
  })
  it('stand in a run as in the plan, and so does what had no effect', async () => {
    const run = runOf()
    const edit = { ...run.unused_edits[0], target: 'North garden', fields: { flow_ms: 5 } }
    answers['/api/runs/r1'] = { ...run, plan: { ...run.plan, measures: [MEASURE] }, unused_edits: [edit] }
    show(<RunPanel />, { panel: 'run', run: 'r1' })
    const caution = (await screen.findByText(/Measures without effect here/)).closest('.caution') as HTMLElement
    await within(caution).findByText('Water a garden')
    expect(caution.textContent).toMatch(/Water a garden North garden 18 km\/h · Gentle yes · 07:00–09:00, Workdays/)
    expect(await within(caution).findByText(/Gardens North garden: Flow limit 18 km\/h/)).toBeTruthy()
    expect(caution.textContent).not.toContain('flow_ms')
  })
})

describe('the two sides', () => {
  const { plan } = comparisonOf()
  it('have one pair of words, with the titles of their plans', () => {
    expect(sideNames({ plan, against: { plan: 'other', title: 'Dry', measures: [] } }, 'en')).toEqual({ baseline: 'Baseline: Dry', plan: 'Plan: Night watering 夜间浇灌' })
    expect(sideNames({ plan, against: { plan: 'baseline', measures: [] } }, 'zh').baseline).toBe('基准：现状')
  })
  it('a difference of shares is in percentage points', () => {
    expect([formatDifference(0.03, 'ratio', 'en'), formatDifference(0.03, 'ratio', 'zh'), formatDifference(-2, 'm/s', 'en'), formatDifference(null, 's', 'en')])
      .toEqual(['+3 pp', '+3 个百分点', '-7.2 km/h', '–'])
  })
})

describe('the verdict', () => {
  const judged = (verdict: string) => {
    const whole = comparisonOf()
    const figures = Object.fromEntries(Object.entries(whole.figures).map(([name, figure]) => [name, { ...figure, verdict }]))
    answers['/api/comparisons/c1'] = { ...whole, figures, tables: {} }
    show(<ComparisonPanel />, { panel: 'comparison', comparison: 'c1' })
  }
  it('of too few pairs is that it cannot be told, not that nothing differs', async () => {
    judged('too few pairs')
    expect(await screen.findByText(/It cannot be told whether anything changes/)).toBeTruthy()
    expect(screen.queryByText(/No figure shows a clear difference/)).toBeNull()
  })
  it('of enough pairs without a clear difference says so', async () => {
    judged('no clear difference')
    expect(await screen.findByText('No figure shows a clear difference.')).toBeTruthy()
  })
})

describe('when the server is away', () => {
  it('a result that is shown stays', async () => {
    answers['/api/runs/r1'] = runOf()
    const { client } = show(<RunPanel />, { panel: 'run', run: 'r1' })
    await screen.findByText('Water used')
    away = true
    await act(async () => await client.invalidateQueries())
    expect(client.getQueryState(['run', 'r1'])?.status).toBe('error')
    expect(screen.getByText('Water used')).toBeTruthy()
    expect(screen.queryByRole('alert')).toBeNull()
  })
  it('a page of a table that does not come leaves the table and its pages', async () => {
    const columns = [{ name: 'n', title: both('Number', '数'), unit: '', dtype: 'int64' }]
    answers['/t'] = { columns, rows: 25, data: { n: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10] } }
    show(<TablePage href="/t" />)
    await screen.findAllByText('Number')
    away = true
    await act(async () => screen.getByTitle('2').click())
    expect(await screen.findByRole('alert')).toBeTruthy()
    expect(screen.getByTitle('1')).toBeTruthy()
    expect(screen.getAllByText('Number').length).toBeTruthy()
  })
})

describe('curves in the address', () => {
  it('keep one choice a table, whatever the names hold', () => {
    const once = withCurve('', 'flows', 'a:b,c%')
    const twice = withCurve(once, 'queues', '长度')
    expect([curveOf(twice, 'flows'), curveOf(twice, 'queues'), curveOf(twice, 'others')]).toEqual(['a:b,c%', '长度', null])
    expect(curveOf(withCurve(twice, 'flows', 'x'), 'flows')).toBe('x')
  })
  it.each(['', ':', '%', 'a:b:c', 'nothing', ',,'])('survive "%s"', (strange) => {
    expect(curveOf(withCurve(strange, 't', 'c'), 't')).toBe('c')
  })
})

describe('on paper', () => {
  const print = (event: string) => act(() => void window.dispatchEvent(new Event(event)))
  it('folds stand open, except long ones that nobody opened, and close again', () => {
    const { container } = render(<><Fold title="method"><Fold title="within">deep</Fold></Fold><Fold title="rows" openedOnly>page</Fold></>)
    expect(container.textContent).toBe('methodrows')
    print('beforeprint')
    expect([...container.querySelectorAll('details')].map((one) => one.open)).toEqual([true, true, false])
    expect(container.textContent).toBe('methodwithindeeprows')
    print('afterprint')
    expect([...container.querySelectorAll('details')].some((one) => one.open)).toBe(false)
  })
})
