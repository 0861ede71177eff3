// @vitest-environment jsdom
import { expression, validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import { QUIET } from '../src/results/scales/palette'
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
