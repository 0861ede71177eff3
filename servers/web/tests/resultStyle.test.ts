// @vitest-environment jsdom
import { expression, validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import { composeStyle } from '../src/map/composeStyle'
import { QUIET, mix } from '../src/results/scales/palette'
import { recolourById } from '../src/results/scales/recolour'
import { colorExpression, importance, isPointed, resultLayers, shapesOfGeometry, type Drawn } from '../src/results/scales/resultStyle'
import { amountScale, categoryScale, differenceScale } from '../src/results/scales/scale'

const numbers = { kind: 'number' as const, min: -50, max: 100, quantiles: [-20, -1, 0, 1, 80] }
const drawn = (more: Partial<Drawn>): Drawn => ({
  key: 'result', tilejson: '/api/runs/x/layers/roads/tiles/WebMercatorQuad', sourceLayer: 'roads', geometry: 'LineString', column: 'loss_s',
  scale: amountScale(numbers, 'light'), theme: 'light', collection: 'roads', ...more,
})
const styleOf = (piece: ReturnType<typeof resultLayers>) => ({ version: 8 as const, sources: piece.sources, layers: piece.layers, glyphs: '{fontstack}/{range}' })

function evaluate(json: unknown, properties: Record<string, unknown>): unknown {
  const made = expression.createExpression(json as never, 'layers[0].paint.line-color')
  if (made.result === 'error') throw new Error(made.value.map((one) => one.message).join())
  const found = made.value.evaluate({ zoom: 14 } as never, { type: 2, properties } as never) as { toString?: () => string }
  return found
}

describe('result layers', () => {
  it.each(['Point', 'LineString', 'Polygon', 'Any'])('%s is valid style for amounts, differences and categories', (geometry) => {
    const category = categoryScale({ kind: 'category', categories: ['open', 'closed'] }, 'dark')
    for (const scale of [amountScale(numbers, 'light'), differenceScale(numbers, 'lower', 'dark'), category, categoryScale({ kind: 'bool' }, 'light'), categoryScale({ kind: 'category', categories: [] }, 'light')])
      for (const clear of [undefined, 'loss_s_clear'])
        expect(validateStyleMin(styleOf(resultLayers(drawn({ geometry, scale, clear }))) as never)).toEqual([])
  })
  it('every layer that answers to the pointer leads to the collection', () => {
    const { clickable, layers } = resultLayers(drawn({ clear: 'loss_s_clear' }))
    expect(Object.keys(clickable!)).toEqual(['result-none-line', 'result-unclear-line', 'result-rows-line'])
    expect(new Set(Object.values(clickable!))).toEqual(new Set(['roads']))
    expect(layers.some((layer) => layer.id === 'result-rows-line-casing')).toBe(true)
    expect(isPointed('result', 'result-rows-line-casing')).toBe(false)
  })
  it('any geometry is drawn as all three', () => expect(shapesOfGeometry('Any')).toEqual(['polygon', 'line', 'point']))
  it('a tile address is absolute: the tiles are fetched in a worker', () => {
    const [source] = Object.values(resultLayers(drawn({})).sources) as { url: string }[]
    expect(source.url).toMatch(/^http:\/\/.+\/api\/runs\/x\//)
  })
})

describe('colour and importance of a row', () => {
  it('steps change exactly at their value', () => {
    const steps = amountScale({ kind: 'number', min: 0, max: 3600, quantiles: [0, 0, 11, 60, 334] }, 'light')
    const color = (value: number) => String(evaluate(colorExpression(steps, 'v', QUIET.light.none), { v: value }))
    expect(color(10.99)).toBe(color(0))
    expect(color(11)).not.toBe(color(10.99))
    expect(color(1e6)).toBe(color(330))
  })
  it('a category that the legend does not name is quiet', () => {
    const scale = categoryScale({ kind: 'category', categories: ['open'] }, 'light')
    expect(evaluate(colorExpression(scale, 'v', '#123456'), { v: 'else' })).toBe('#123456')
    expect(evaluate(colorExpression(scale, 'v', '#123456'), { v: 'open' })).toBe(scale.entries[0].color)
  })
  it('equal changes to either side matter alike, and never more than all', () => {
    const scale = differenceScale(numbers, 'lower', 'light')
    expect(evaluate(importance(scale, 'v'), { v: -40 })).toBe(evaluate(importance(scale, 'v'), { v: 40 }))
    expect(evaluate(importance(scale, 'v'), { v: -4000 })).toBe(1)
  })
})

describe('colours by id, for buildings that keep their height', () => {
  const row = (id: string, value: unknown, clear = true) => ({ type: 'Feature' as const, id, geometry: null, properties: { v: value, v_clear: clear } })
  const scale = amountScale({ kind: 'number', min: 0, max: 100, quantiles: [0, 25, 50, 75, 100] }, 'light')
  const quiet = QUIET.light
  it('are those of the map, within a shade', () => {
    const match = recolourById([row('a', 0), row('b', 100), row('c', 37), row('d', null)], scale, 'v', undefined, quiet)!
    const painted = (id: string) => String(evaluate(match, { id }))
    expect(painted('a')).toBe(scale.stops[0].color)
    expect(painted('b')).toBe(scale.stops[scale.stops.length - 1].color)
    expect([painted('d'), painted('unheard of')]).toEqual([quiet.none, quiet.none])
    const parts = (color: string) => [1, 3, 5].map((from) => Number.parseInt(color.slice(from, from + 2), 16))
    const expected = parts(mix(scale.stops[1].color, scale.stops[2].color, 12 / 25))
    parts(painted('c')).forEach((part, place) => expect(Math.abs(part - expected[place])).toBeLessThan(8))
  })
  it('rows that do not differ clearly are quiet', () => {
    expect(evaluate(recolourById([row('a', 50, false), row('b', 50)], scale, 'v', 'v_clear', quiet)!, { id: 'a' })).toBe(quiet.unclear)
  })
  it('no value at all recolours nothing', () => expect(recolourById([row('a', null)], scale, 'v', undefined, quiet)).toBeNull())
  it('the base map takes them, and only for that collection', () => {
    const fill = (id: string, collection: string) => ({ id, type: 'fill-extrusion' as const, source: 'city', 'source-layer': collection, metadata: { collection }, paint: { 'fill-extrusion-color': '#cccccc' } })
    const base = { version: 8 as const, sources: { city: { type: 'vector' as const, tiles: [] } }, layers: [fill('buildings', 'buildings'), fill('sheds', 'sheds')] }
    const recolour = recolourById([row('a', 50)], scale, 'v', undefined, quiet)
    const piece = resultLayers(drawn({ geometry: 'Polygon', collection: 'buildings', recolour }))
    const painted = composeStyle(base, { result: piece }).layers.slice(0, 2).map((layer) => (layer.paint as Record<string, unknown>)['fill-extrusion-color'])
    expect(painted).toEqual([recolour, '#cccccc'])
    expect(piece.under).toBe('buildings')
  })
})
