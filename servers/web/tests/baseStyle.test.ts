// The style is checked by MapLibre's own validator: what it refuses would be a blank map.
import { validateStyleMin } from '@maplibre/maplibre-gl-style-spec'
import { describe, expect, it } from 'vitest'
import type { Collection, TileJson } from '../src/server/documents'
import { ANCHORS, baseStyle, type BaseMap } from '../src/map/baseStyle'
import { composeStyle } from '../src/map/composeStyle'
import { PALETTES } from '../src/map/palette'

const KNOWN = ['roads', 'walkways', 'buildings', 'pois', 'rail', 'water', 'signals', 'parking', 'restrictions']

function collection(id: string, kind: 'feature' | 'coverage' = 'feature'): Collection {
  return { id, kind, extent: { spatial: { bbox: [[106.5, 29.5, 106.6, 29.6]] } } } as Collection
}

const tiles: TileJson = { tilejson: '3.0.0', tiles: ['http://127.0.0.1/{z}/{y}/{x}?v=1'], minzoom: 0, maxzoom: 16, bounds: [106.5, 29.5, 106.6, 29.6] }
const whole: BaseMap = {
  collections: [...KNOWN, 'green_areas', 'sensors'].map((id) => collection(id)).concat(collection('elevation', 'coverage')),
  tiles, elevation: tiles, terrain: true, theme: 'light', language: 'zh', hidden: [],
}
const ids = (base: BaseMap) => baseStyle(base).layers.map((layer) => layer.id)

describe('baseStyle', () => {
  it.each(['light', 'dark'] as const)('is a valid style, %s, in both languages', (theme) => {
    for (const language of ['zh', 'en'] as const)
      for (const terrain of [true, false]) expect(validateStyleMin(baseStyle({ ...whole, theme, language, terrain }))).toEqual([])
  })

  it('is valid for an empty city and for one without elevation', () => {
    expect(validateStyleMin(baseStyle({ ...whole, collections: [], tiles: null, elevation: null }))).toEqual([])
    const flat = baseStyle({ ...whole, elevation: null })
    expect(flat.terrain).toBeUndefined()
    expect(validateStyleMin(flat)).toEqual([])
  })

  it('asks for no glyphs, sprites or anything from outside', () => {
    const text = JSON.stringify(baseStyle(whole))
    expect(baseStyle(whole).glyphs).toBeUndefined()
    expect(text.match(/https?:\/\/[^"]*/g)?.every((address) => address.startsWith('http://127.0.0.1/'))).toBe(true)
  })

  it('draws only collections that the city has, each layer id once', () => {
    const layers = baseStyle({ ...whole, collections: [collection('roads')] }).layers
    expect(layers.every((layer) => !('source-layer' in layer) || layer['source-layer'] === 'roads')).toBe(true)
    expect(new Set(ids(whole)).size).toBe(ids(whole).length)
  })

  it('draws a collection it never heard of', () => {
    expect(ids(whole)).toContain('sensors-points')
  })

  it('puts lower levels first: tunnels, ground, bridges, buildings, names', () => {
    const order = ['roads-tunnel', 'roads-ground', 'roads-first', 'roads-top', 'buildings', 'label-bridges'].map((id) => ids(whole).indexOf(id))
    expect(order).not.toContain(-1)
    expect([...order].sort((one, other) => one - other)).toEqual(order)
  })

  it('hides what is switched off, with its names', () => {
    const layers = baseStyle({ ...whole, hidden: ['roads', 'elevation'] }).layers
    const off = layers.filter((layer) => layer.layout?.visibility === 'none').map((layer) => layer.id)
    expect(off).toEqual(expect.arrayContaining(['roads-ground', 'label-bridges', 'hillshade']))
    expect(off).not.toContain('buildings')
  })

  it('has both palettes complete', () => {
    expect(Object.keys(PALETTES.dark).sort()).toEqual(Object.keys(PALETTES.light).sort())
  })
})

describe('composeStyle', () => {
  const layer = (id: string) => ({ id, type: 'line' as const, source: 'extra', 'source-layer': 'x' })
  const sources = { extra: { type: 'vector' as const, tiles: tiles.tiles } }

  it('places pieces under buildings, under names, or on top', () => {
    const style = composeStyle(baseStyle(whole), {
      a: { sources, layers: [layer('low')], under: 'buildings' },
      b: { sources, layers: [layer('middle')] },
      c: { sources, layers: [layer('high')], under: null },
    })
    const order = style.layers.map((one) => one.id)
    expect(order.indexOf('low')).toBe(order.indexOf(ANCHORS.buildings) - 1)
    expect(order.indexOf('middle')).toBe(order.indexOf(ANCHORS.labels) - 1)
    expect(order.at(-1)).toBe('high')
    expect(validateStyleMin(style)).toEqual([])
  })

  it('leaves out layers whose source is not there, instead of failing', () => {
    const style = composeStyle(baseStyle({ ...whole, tiles: null, collections: [] }), { a: { sources: {}, layers: [layer('lost')] } })
    expect(style.layers.map((one) => one.id)).not.toContain('lost')
  })

  it('marks clickable layers with the collection they lead to', () => {
    const style = composeStyle(baseStyle(whole), { a: { sources, layers: [layer('mine')], clickable: { mine: 'roads' } } })
    expect(style.layers.find((one) => one.id === 'mine')?.metadata).toEqual({ leads: 'roads' })
  })
})
