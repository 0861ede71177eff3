// A result layer as map style: colour by scale, width by importance, what has no value or no clear change kept quiet.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from 'maplibre-gl'
import type { StyleLayers } from '../../map/mapStore'
import type { Theme } from '../../state/address'
import { QUIET, type Color } from './palette'
import type { Scale } from './scale'
import { shapeOf } from './shapes'

export type Shape = 'point' | 'line' | 'polygon'

export type Drawn = {
  /** Begins the ids of the source and the layers. */
  key: string
  /** Address of the layer's TileJSON, and the name of the layer within its tiles. */
  tilejson: string
  sourceLayer: string
  geometry: string
  /** Property that is shown; with `clear`, only rows where that property is true are coloured. */
  column: string
  clear?: string
  scale: Scale
  theme: Theme
  /** Collection that the rows' ids name, where known. */
  collection: string | null
  /** Colours of that collection's features on the base map, for areas that stand up from the ground. */
  recolour?: ExpressionSpecification | null
}

type Number = ExpressionSpecification | number

const KINDS: Record<Shape, string[]> = {
  polygon: ['Polygon', 'MultiPolygon'], line: ['LineString', 'MultiLineString'], point: ['Point', 'MultiPoint'],
}

/** What a declared geometry is drawn as, lowest first; a layer of any geometry may hold all. */
export function shapesOfGeometry(geometry: string): Shape[] {
  const shapes = Object.keys(KINDS) as Shape[]
  const named = shapes.filter((shape) => KINDS[shape].includes(geometry))
  return named.length ? named : shapes
}

/** Colour of a row's value. */
export function colorExpression(scale: Scale, column: string, none: Color): ExpressionSpecification | Color {
  const value: ExpressionSpecification = ['to-number', ['get', column]]
  if (scale.kind === 'categories') {
    const pairs = scale.entries.flatMap((entry) => [String(entry.value), entry.color])
    return pairs.length ? (['match', ['to-string', ['get', column]], ...pairs, none] as unknown as ExpressionSpecification) : none
  }
  if (scale.stops.length === 1) return scale.stops[0].color
  if (scale.kind === 'steps') {
    const [first, ...rest] = scale.stops
    return ['step', value, first.color, ...rest.flatMap((stop) => [stop.value, stop.color])] as unknown as ExpressionSpecification
  }
  const stops = scale.stops.flatMap((stop) => [stop.value, stop.color])
  return ['interpolate', ['linear'], value, ...stops] as unknown as ExpressionSpecification
}

/** How much a row matters, 0 to 1: its share of the scale's end. */
export function importance(scale: Scale, column: string): Number {
  if (scale.kind === 'categories') return 0.5
  const [bottom, top] = [scale.stops[0].value, scale.stops[scale.stops.length - 1].value]
  const size: ExpressionSpecification = ['abs', ['to-number', ['get', column]]]
  const reach = Math.max(Math.abs(bottom), Math.abs(top))
  return reach > 0 ? ['min', 1, ['/', size, reach]] : 0.5
}

/** Pixels between `least` and `most` by importance, growing with zoom. */
function sized(least: number, most: number, share: Number): ExpressionSpecification {
  const at = (factor: number): Number => ['+', least * factor, ['*', (most - least) * factor, share]]
  return ['interpolate', ['exponential', 1.5], ['zoom'], 11, at(0.5), 14, at(1), 18, at(2.6)] as unknown as ExpressionSpecification
}

function lines(drawn: Drawn, id: string, filter: FilterSpecification): LayerSpecification[] {
  const { column, scale, theme } = drawn
  const share = importance(scale, column)
  const base = { type: 'line' as const, source: drawn.key, 'source-layer': drawn.sourceLayer, filter }
  const layout = { 'line-cap': 'round' as const, 'line-join': 'round' as const, 'line-sort-key': share as ExpressionSpecification }
  return [
    { ...base, id: `${id}-casing`, layout, paint: { 'line-color': QUIET[theme].casing, 'line-width': sized(3.4, 9, share), 'line-opacity': 0.85 } },
    { ...base, id, layout, paint: { 'line-color': colorExpression(scale, column, QUIET[theme].none) as ExpressionSpecification, 'line-width': sized(1.8, 7, share) } },
  ]
}

function polygons(drawn: Drawn, id: string, filter: FilterSpecification): LayerSpecification[] {
  const base = { source: drawn.key, 'source-layer': drawn.sourceLayer, filter }
  const color = colorExpression(drawn.scale, drawn.column, QUIET[drawn.theme].none) as ExpressionSpecification
  // Areas may lie within each other (within 5 minutes, within 10): less is on top.
  const layout = drawn.scale.kind === 'categories' ? {} : { 'fill-sort-key': ['-', 0, ['to-number', ['get', drawn.column]]] as ExpressionSpecification }
  return [
    { ...base, type: 'fill', id, layout, paint: { 'fill-color': color, 'fill-opacity': 0.82 } },
    { ...base, type: 'line', id: `${id}-outline`, paint: { 'line-color': QUIET[drawn.theme].casing, 'line-width': 0.7, 'line-opacity': 0.7 } },
  ]
}

/** Points of a category also differ in shape, so that colour is never alone. */
function points(drawn: Drawn, id: string, filter: FilterSpecification): LayerSpecification[] {
  const { scale, column, theme } = drawn
  const base = { source: drawn.key, 'source-layer': drawn.sourceLayer, filter }
  if (scale.kind === 'categories') {
    const images = scale.entries.flatMap((entry, place) => [String(entry.value), shapeOf(place, entry.color, theme)])
    const image = images.length ? ['match', ['to-string', ['get', column]], ...images, shapeOf(0, QUIET[theme].none, theme)] : shapeOf(0, QUIET[theme].none, theme)
    return [{ ...base, type: 'symbol', id, layout: { 'icon-image': image as ExpressionSpecification, 'icon-size': ['interpolate', ['linear'], ['zoom'], 11, 0.5, 16, 1], 'icon-allow-overlap': true } }]
  }
  const color = colorExpression(scale, column, QUIET[theme].none) as ExpressionSpecification
  return [
    {
      ...base, type: 'circle', id, layout: { 'circle-sort-key': importance(scale, column) as ExpressionSpecification },
      paint: { 'circle-color': color, 'circle-radius': sized(3, 9, importance(scale, column)), 'circle-stroke-color': QUIET[theme].casing, 'circle-stroke-width': 1 },
    },
  ]
}

function quiet(drawn: Drawn, shape: Shape, id: string, filter: FilterSpecification, color: Color): LayerSpecification {
  const base = { id, source: drawn.key, 'source-layer': drawn.sourceLayer, filter }
  if (shape === 'point') return { ...base, type: 'circle', paint: { 'circle-color': color, 'circle-radius': 2.5, 'circle-opacity': 0.5 } }
  if (shape === 'polygon') return { ...base, type: 'fill', paint: { 'fill-color': color, 'fill-opacity': 0.25 } }
  return { ...base, type: 'line', layout: { 'line-cap': 'round' }, paint: { 'line-color': color, 'line-opacity': 0.45, 'line-width': sized(1.2, 1.2, 0) } }
}

const DRAW: Record<Shape, (drawn: Drawn, id: string, filter: FilterSpecification) => LayerSpecification[]> = {
  point: points, line: lines, polygon: polygons,
}

function layersOf(drawn: Drawn, shape: Shape): LayerSpecification[] {
  const { key, column, clear, theme } = drawn
  const has: ExpressionSpecification = ['has', column]
  const isClear: ExpressionSpecification = ['==', ['to-boolean', ['get', clear ?? '']], true]
  const kind: ExpressionSpecification = ['in', ['geometry-type'], ['literal', KINDS[shape]]]
  const among = (...tests: ExpressionSpecification[]) => ['all', kind, ...tests] as unknown as FilterSpecification
  return [
    quiet(drawn, shape, `${key}-none-${shape}`, among(['!', has]), QUIET[theme].none),
    ...(clear ? [quiet(drawn, shape, `${key}-unclear-${shape}`, among(has, ['!', isClear]), QUIET[theme].unclear)] : []),
    ...DRAW[shape](drawn, `${key}-rows-${shape}`, clear ? among(has, isClear) : among(has)),
  ]
}

/** Whether a style layer of {@link resultLayers} answers to the pointer. */
export function isPointed(key: string, layer: string): boolean {
  return layer.startsWith(`${key}-`) && !/-(casing|outline)$/.test(layer)
}

/** Source and layers of a result layer's column. */
export function resultLayers(drawn: Drawn): StyleLayers {
  const { key, recolour } = drawn
  const layers = shapesOfGeometry(drawn.geometry).flatMap((shape) => layersOf(drawn, shape))
  const pointed = layers.map((layer) => layer.id).filter((id) => isPointed(key, id))
  return {
    sources: { [key]: { type: 'vector', url: new URL(drawn.tilejson, location.href).href } },
    layers,
    under: recolour ? 'buildings' : 'labels',
    ...(recolour && drawn.collection ? { recolour: { [drawn.collection]: recolour } } : {}),
    clickable: Object.fromEntries(pointed.map((id) => [id, drawn.collection])),
  }
}
