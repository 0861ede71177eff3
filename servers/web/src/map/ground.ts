// Land, water, green, rail, walkways, buildings: everything of the base map but roads and names.
import type { ExpressionSpecification, LayerSpecification } from 'maplibre-gl'
import type { Collection } from '../server/documents'
import { CITY_SOURCE } from './mapStore'
import { IS_LANDMARK } from './labels'
import type { Palette } from './palette'
import { underPointer } from './roads'

type Part = { id: string; type: string; minzoom?: number; maxzoom?: number; filter?: unknown; layout?: object; paint: object }

function of(collection: string, part: Part): LayerSpecification {
  return { source: CITY_SOURCE, 'source-layer': collection, metadata: { collection }, ...part } as unknown as LayerSpecification
}

const isPolygon = ['==', ['geometry-type'], 'Polygon']
const isLine = ['==', ['geometry-type'], 'LineString']
const isPoint = ['==', ['geometry-type'], 'Point']
const byZoom = (...stops: (number | unknown)[]) => ['interpolate', ['exponential', 1.5], ['zoom'], ...stops]

export function waterLayers(palette: Palette): LayerSpecification[] {
  return [
    of('water', { id: 'water', type: 'fill', filter: isPolygon, paint: { 'fill-color': palette.water, 'fill-antialias': true } }),
    of('water', { id: 'water-shore', type: 'line', filter: isPolygon, paint: { 'line-color': palette.shore, 'line-width': byZoom(11, 0.6, 17, 2.2), 'line-opacity': 0.9 } }),
    of('water', { id: 'water-shallow', type: 'line', minzoom: 12, filter: isPolygon, paint: { 'line-color': palette.shore, 'line-width': byZoom(12, 3, 17, 22), 'line-blur': byZoom(12, 3, 17, 22), 'line-opacity': 0.35 } }),
    of('water', { id: 'water-lines', type: 'line', filter: isLine, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': palette.water, 'line-width': byZoom(11, 1, 17, 7) } }),
  ]
}

export function walkwayLayers(palette: Palette): LayerSpecification[] {
  const stairs = ['==', ['get', 'stairs'], true]
  return [
    of('walkways', { id: 'walkways', type: 'line', minzoom: 14, filter: ['!', stairs], layout: { 'line-cap': 'round', 'line-join': 'round' },
      paint: { 'line-color': underPointer(palette.walk, palette), 'line-width': byZoom(14, 0.6, 18, 3), 'line-dasharray': [3, 1.6], 'line-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0.4, 15.5, 1] } }),
    // Dashes shorter than the line is wide read as treads.
    of('walkways', { id: 'stairs', type: 'line', minzoom: 14, filter: stairs,
      paint: { 'line-color': underPointer(palette.stairs, palette), 'line-width': byZoom(14, 1.8, 16, 4, 18, 9), 'line-dasharray': [0.28, 0.32], 'line-opacity': ['interpolate', ['linear'], ['zoom'], 14, 0.5, 15.5, 1] } }),
  ]
}

export function railLayers(palette: Palette): LayerSpecification[] {
  const tunnel = ['==', ['get', 'tunnel'], true]
  const open = ['!', tunnel]
  return [
    of('rail', { id: 'rail-tunnel', type: 'line', minzoom: 12, filter: tunnel, paint: { 'line-color': palette.rail, 'line-width': byZoom(12, 0.8, 17, 2.4), 'line-dasharray': [3, 2.5], 'line-opacity': 0.7 } }),
    of('rail', { id: 'rail', type: 'line', filter: open, layout: { 'line-join': 'round' }, paint: { 'line-color': underPointer(palette.rail, palette), 'line-width': byZoom(11, 1.2, 17, 5) } }),
    of('rail', { id: 'rail-ticks', type: 'line', minzoom: 12.5, filter: open, paint: { 'line-color': palette.railGap, 'line-width': byZoom(12, 0.8, 17, 3), 'line-dasharray': [2.6, 2.6] } }),
  ]
}

export function parkingLayers(palette: Palette): LayerSpecification[] {
  return [
    of('parking', { id: 'parking', type: 'fill', minzoom: 14, filter: isPolygon, paint: { 'fill-color': palette.parking } }),
    of('parking', { id: 'parking-points', type: 'circle', minzoom: 15.5, filter: isPoint, paint: dot(palette.other, palette, 3) }),
  ]
}

function dot(color: string, palette: Palette, radius: number): object {
  return {
    'circle-color': underPointer(color, palette), 'circle-radius': byZoom(14, radius * 0.6, 18, radius * 1.4),
    'circle-stroke-color': palette.halo, 'circle-stroke-width': 1.2, 'circle-pitch-alignment': 'viewport',
  }
}

export function pointLayers(collections: ReadonlySet<string>, palette: Palette): LayerSpecification[] {
  const layers: LayerSpecification[] = []
  if (collections.has('signals')) layers.push(of('signals', { id: 'signals', type: 'circle', minzoom: 15.5, paint: dot(palette.signal, palette, 2.6) }))
  // From afar only the places that people find their way by: those that have a name there.
  if (collections.has('pois')) {
    layers.push(of('pois', { id: 'pois', type: 'circle', minzoom: 15.5, filter: ['!', IS_LANDMARK], paint: dot(palette.poi, palette, 3) }))
    layers.push(of('pois', { id: 'landmarks', type: 'circle', minzoom: 13.5, filter: IS_LANDMARK, paint: dot(palette.poi, palette, 3.4) }))
  }
  return layers
}

const HEIGHT: ExpressionSpecification = ['coalesce', ['get', 'height_m'], ['*', 3, ['coalesce', ['get', 'levels'], 1]]]

/** Flat from afar; from zoom 13 on they rise to their height. */
export function buildingLayers(palette: Palette): LayerSpecification[] {
  const tone: ExpressionSpecification = ['interpolate', ['linear'], HEIGHT, 6, palette.building, 110, palette.buildingTall]
  return [
    of('buildings', { id: 'buildings-flat', type: 'fill', minzoom: 12, maxzoom: 13.5, paint: { 'fill-color': palette.building, 'fill-outline-color': palette.buildingLine, 'fill-opacity': ['interpolate', ['linear'], ['zoom'], 12, 0.4, 13, 1] } }),
    of('buildings', { id: 'buildings', type: 'fill-extrusion', minzoom: 13,
      paint: {
        'fill-extrusion-color': underPointer(tone, palette),
        'fill-extrusion-height': ['interpolate', ['linear'], ['zoom'], 13, 0, 14.5, HEIGHT],
        'fill-extrusion-base': 0, 'fill-extrusion-opacity': 0.94, 'fill-extrusion-vertical-gradient': true,
      } }),
  ]
}

const DRAWN = new Set(['roads', 'walkways', 'buildings', 'pois', 'water', 'rail', 'signals', 'parking', 'restrictions'])
const GREENS = /green|park|forest|wood|garden|grass|vegetation/

/** Collections that this page has never heard of: quiet shapes, so that they are seen and can be clicked. */
export function otherLayers(collections: Collection[], palette: Palette): LayerSpecification[] {
  return collections
    .filter((one) => one.kind === 'feature' && !DRAWN.has(one.id))
    .flatMap(({ id }) => [
      of(id, { id: `${id}-areas`, type: 'fill', filter: isPolygon, paint: GREENS.test(id) ? { 'fill-color': palette.green } : { 'fill-color': palette.other, 'fill-opacity': 0.18 } }),
      of(id, { id: `${id}-lines`, type: 'line', filter: isLine, paint: { 'line-color': underPointer(palette.other, palette), 'line-width': byZoom(12, 1, 17, 3) } }),
      of(id, { id: `${id}-points`, type: 'circle', minzoom: 12, filter: isPoint, paint: dot(palette.other, palette, 3) }),
    ])
}
