// @vitest-environment jsdom
// A run and a comparison of a scenario that the page never heard of, complete from declarations alone.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen, within } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import ComparisonPanel from '../src/results/ComparisonPanel'
import RunPanel from '../src/results/RunPanel'
import { clampShare, shareAfterKey } from '../src/results/map/SwipeDivider'
import { chooseLayer, nameColumn, showable, NOTHING } from '../src/results/layerChoice'
import { nameOf } from '../src/results/map/useRowCollection'
import { isGiven } from '../src/results/panel/Question'
import { planTitle } from '../src/results/panel/planWords'
import { comparisonWords } from '../src/results/comparisonWords'
import { verdictWords } from '../src/results/verdicts'
import { words } from '../src/results/words'
import { useAddress } from '../src/state/address'
import { comparisonOf, DECLARATION, runOf } from './strangeResults'

vi.mock('../src/results/charts/echarts', () => ({ init: () => ({ setOption: () => {}, resize: () => {}, dispose: () => {} }) }))

const answers: Record<string, unknown> = {}
beforeEach(() => {
  Object.keys(answers).forEach((path) => delete answers[path])
  Object.assign(answers, { '/api/city': { timezone: 'Asia/Shanghai' }, '/api/measures': { measures: [] }, '/api/collections': { collections: [] } })
  vi.stubGlobal('ResizeObserver', class { observe() {} disconnect() {} unobserve() {} })
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} }))
  vi.stubGlobal('fetch', async (path: string) => {
    const found = answers[path] ?? answers[path.split('?')[0]]
    const problem = { status: 404, code: 'run.not_found', what: 'there is no such run', remedy: 'list the runs' }
    return new Response(JSON.stringify(found ?? problem), { status: found ? 200 : 404 })
  })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

function show(panel: 'run' | 'comparison', language: 'zh' | 'en', id: string) {
  useAddress.setState({ language, panel, run: panel === 'run' ? id : '', comparison: panel === 'comparison' ? id : '', layer: '', column: '' })
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } })
  return render(<QueryClientProvider client={client}>{panel === 'run' ? <RunPanel /> : <ComparisonPanel />}</QueryClientProvider>)
}

describe('a run', () => {
  it('tells figures, units, mark, warnings and what had no effect, in the reader\'s language', async () => {
    answers['/api/runs/r1'] = runOf()
    const { container } = show('run', 'zh', 'r1')
    expect(await screen.findByRole('heading', { level: 2, name: /夜间浇灌/ })).toBeTruthy()
    expect(screen.getByText('虚构数据')).toBeTruthy()
    expect(screen.getByText('用水量').closest('li')!.textContent).toMatch(/越低越好.*1,234 立方米.*95% 区间 1,200 立方米 至 1,300 立方米/)
    expect(screen.getByText('The pump curve is assumed.')).toBeTruthy()
    expect(screen.getByText(/此处未生效的措施（1）/)).toBeTruthy()
    expect(screen.getByText('no garden has this field')).toBeTruthy()
    expect(container.textContent).not.toContain('water_used')
  })
  it('offers the downloads, the receipt and the share link', async () => {
    answers['/api/runs/r1'] = runOf()
    show('run', 'en', 'r1')
    expect((await screen.findByRole('link', { name: 'GeoPackage' })).getAttribute('href')).toBe('/api/runs/r1/layers/gardens_out/export?f=gpkg')
    expect(screen.getByText('Report (HTML)').getAttribute('href')).toBe('/api/runs/r1/report?lang=en')
    expect(screen.getByText(/Receipt/).getAttribute('href')).toBe('/api/runs/r1/receipt')
    expect(screen.getByRole('button', { name: 'Copy link' })).toBeTruthy()
  })
  it('stays readable when its scenario is gone', async () => {
    answers['/api/runs/r1'] = { ...runOf(), declaration: null }
    show('run', 'en', 'r1')
    expect(await screen.findByText(/not installed any more/)).toBeTruthy()
    expect(screen.getByText('water used')).toBeTruthy()
  })
  it('that is not there says so, with the remedy', async () => {
    show('run', 'en', 'missing')
    expect((await screen.findByRole('alert')).textContent).toMatch(/no such run.*list the runs/)
  })
  it('without an id says what to do next', () => {
    show('run', 'en', '')
    expect(screen.getByText(/Run an analysis/)).toBeTruthy()
  })
})

describe('a comparison', () => {
  it('gives the verdict first, and says "no clear difference" in those words', async () => {
    answers['/api/comparisons/c1'] = comparisonOf()
    show('comparison', 'en', 'c1')
    const heading = await screen.findByRole('heading', { level: 2, name: /Night watering.*compared with the city as it is/ })
    const first = screen.getAllByRole('heading', { level: 3 })[0]
    expect(first.textContent).toBe('What changes')
    expect(heading.compareDocumentPosition(first) & Node.DOCUMENT_POSITION_FOLLOWING).toBeTruthy()
    const plot = screen.getByRole('figure', { name: /95 % intervals/ })
    expect(within(plot).getByText('Water used').closest('li')!.textContent).toMatch(/better.*-300 m³.*-25/)
    expect(within(plot).getByText('Happy gardeners').closest('li')!.textContent).toContain('no clear difference')
    expect(screen.getByText(/No difference at all: Hoses/)).toBeTruthy()
  })
  it('shows p values only when asked for', async () => {
    answers['/api/comparisons/c1'] = comparisonOf()
    show('comparison', 'en', 'c1')
    fireEvent.click(await screen.findByText('All figures in numbers'))
    const details = screen.getByText('All figures in numbers').closest('details')!
    details.open = true
    fireEvent(details, new Event('toggle'))
    const box = await within(details).findByRole('checkbox')
    expect(within(details).queryByText('p (Holm)')).toBeNull()
    fireEvent.click(box)
    expect(within(details).getByText('p (Holm)')).toBeTruthy()
    expect(within(details).getByText('< 0.001')).toBeTruthy()
  })
  it('counts paired rows in words of better and worse', async () => {
    answers['/api/comparisons/c1'] = comparisonOf()
    answers['/api/comparisons/c1/tables/gardens'] = { columns: [], rows: 3, data: { baseline: [1, 2, 3], plan: [1, 1, 9] } }
    show('comparison', 'en', 'c1')
    const counts = await screen.findByRole('list', { name: 'Counts of rows' })
    expect(counts.textContent).toMatch(/better 1,200.*worse 7.*unchanged 30/)
    expect(await screen.findByRole('img', { name: /baseline and plan/ })).toBeTruthy()
  })
})

describe('what the map shows', () => {
  const { layers } = runOf()
  const columns = (layer: (typeof layers)[string]) => showable(layer.columns)
  const choose = (layer: string, column: string) => chooseLayer(layers, DECLARATION, columns, { layer, column })
  it('the declared column by default, the address\'s where it fits', () => {
    expect(choose('', '')).toEqual({ layer: 'gardens_out', column: 'dry_share' })
    expect(choose('gardens_out', 'state')).toEqual({ layer: 'gardens_out', column: 'state' })
    expect(choose('gone', 'nothing')).toEqual({ layer: 'gardens_out', column: 'dry_share' })
    expect(choose(NOTHING, '')).toBeNull()
  })
  it('names are no classes; empty layers and layers without geometry are not drawn', () => {
    expect(nameColumn(layers.gardens_out.columns)).toBe('garden')
    expect(showable(layers.gardens_out.columns)).toEqual(['dry_share', 'state'])
    expect(choose('hoses_out', '')!.layer).toBe('gardens_out')
  })
  it('a feature\'s name in the reader\'s language', () => {
    expect([nameOf({ name: '云桥', name_en: 'Cloud Bridge' }, 'en'), nameOf({ name: '云桥' }, 'en'), nameOf({}, 'zh')]).toEqual(['Cloud Bridge', '云桥', ''])
  })
  it('the divider moves by keys and never leaves the map', () => {
    expect(shareAfterKey('ArrowLeft', 0.5)).toBeCloseTo(0.48)
    expect([shareAfterKey('Home', 0.5), shareAfterKey('End', 0.5)]).toEqual([clampShare(0), clampShare(1)])
    expect(shareAfterKey('PageUp', 0.96)).toBe(0.97)
    expect(shareAfterKey('a', 0.5)).toBeNull()
  })
})

describe('words', () => {
  it('a plan is said by its title, else its name; none is the city as it is', () => {
    expect(planTitle({ plan: 'night-watering', measures: [{ type: 'water' }] })).toBe('night watering')
    expect(planTitle({ plan: 'baseline', measures: [] })).toBeNull()
  })
  it('a parameter is given when it differs from its default', () => {
    expect([isGiven(1, { default: 1 }), isGiven(2, { default: 1 }), isGiven(null, {}), isGiven('x', undefined)]).toEqual([false, true, false, true])
  })
  it.each([['words', words], ['comparisonWords', comparisonWords], ['verdictWords', verdictWords]])('%s are Chinese in Chinese, and name the same values', (_, dictionary) => {
    const values = (said: string) => [...said.matchAll(/\{(\w+)\}/g)].map((one) => one[1]).sort()
    for (const [key, english] of Object.entries(dictionary.en)) {
      const chinese = (dictionary.zh as Record<string, string>)[key]
      expect(values(chinese), key).toEqual(values(english))
      if (/[a-z]{4,}/.test(english.replace(/\{\w+\}/g, ''))) expect(chinese, key).toMatch(/[\u4e00-\u9fff]/)
    }
  })
})
