// Roads by width rather than colour: tunnels below, then the ground, then bridges level by level, each with its casing.
import type { ExpressionSpecification, FilterSpecification, LayerSpecification } from 'maplibre-gl'
import { CITY_SOURCE } from './mapStore'
import type { Palette } from './palette'

const MAJOR = ['motorway', 'trunk', 'primary']
const CLASS: ExpressionSpecification = ['get', 'class']

/** Pixels of the roadway by class at four zooms: about true width from 17 on. */
const WIDTHS: [string[], [number, number, number, number]][] = [
  [['motorway', 'trunk'], [2.4, 4.5, 11, 44]],
  [['primary'], [2, 4, 10, 38]],
  [['secondary'], [1.4, 3.2, 8.5, 32]],
  [['tertiary'], [1, 2.5, 7, 26]],
  [['motorway_link', 'trunk_link', 'primary_link', 'secondary_link', 'tertiary_link'], [0.8, 2, 6, 20]],
  [['residential', 'unclassified', 'living_street'], [0.5, 1.5, 5, 20]],
]
const LEAST: [number, number, number, number] = [0.25, 0.9, 3, 12]
const ZOOMS = [11, 13.5, 16, 19]

/** Line width by class and zoom, `more` pixels on top (a casing's rim). */
export function roadWidth(more = 0): ExpressionSpecification {
  const stops = ZOOMS.flatMap((zoom, place) => [
    zoom,
    ['match', CLASS, ...WIDTHS.flatMap(([classes, widths]) => [classes, widths[place] + more]), LEAST[place] + more],
  ])
  return ['interpolate', ['exponential', 1.5], ['zoom'], ...stops] as unknown as ExpressionSpecification
}

const level: ExpressionSpecification = ['max', ['coalesce', ['get', 'layer'], 0], ['case', ['==', ['get', 'bridge'], true], 1, 0]]
const tunnel: ExpressionSpecification = ['any', ['==', ['get', 'tunnel'], true], ['<', ['coalesce', ['get', 'layer'], 0], 0]]
const open: ExpressionSpecification = ['!', tunnel]

type Storey = { name: string; filter: FilterSpecification; bridge: boolean }
const STOREYS: Storey[] = [
  { name: 'ground', filter: ['all', open, ['<', level, 1]], bridge: false },
  { name: 'first', filter: ['all', open, ['>=', level, 1], ['<', level, 2]], bridge: true },
  { name: 'second', filter: ['all', open, ['>=', level, 2], ['<', level, 3]], bridge: true },
  { name: 'top', filter: ['all', open, ['>=', level, 3]], bridge: true },
]
const SORT: ExpressionSpecification = ['match', CLASS, ['motorway', 'trunk'], 5, 'primary', 4, 'secondary', 3, 'tertiary', 2, ['residential', 'unclassified', 'living_street'], 1, 0]

/** The colour, or the highlight while the pointer is over the feature. */
export function underPointer(normal: ExpressionSpecification | string, palette: Palette): ExpressionSpecification {
  return ['case', ['boolean', ['feature-state', 'hover'], false], palette.hover, normal]
}

function line(id: string, filter: FilterSpecification, layout: object, paint: object, minzoom?: number): LayerSpecification {
  return {
    id, type: 'line', source: CITY_SOURCE, 'source-layer': 'roads', filter, ...(minzoom ? { minzoom } : {}),
    metadata: { collection: 'roads' }, layout, paint,
  } as LayerSpecification
}

function storey({ name, filter, bridge }: Storey, palette: Palette): LayerSpecification[] {
  const layout = { 'line-cap': bridge ? 'butt' : 'round', 'line-join': 'round', 'line-sort-key': SORT }
  const casing = bridge ? palette.bridgeCasing : (['match', CLASS, MAJOR, palette.casingMajor, palette.casing] as ExpressionSpecification)
  const fill = ['match', CLASS, [...MAJOR, 'secondary'], palette.roadMajor, palette.road] as ExpressionSpecification
  return [
    line(`roads-${name}-casing`, filter, layout, { 'line-color': casing, 'line-width': roadWidth(bridge ? 2.6 : 1.6) }, bridge ? undefined : 12),
    line(`roads-${name}`, filter, { ...layout, 'line-cap': 'round' }, { 'line-color': underPointer(fill, palette), 'line-width': roadWidth() }),
  ]
}

/** All road layers, lowest first. */
export function roadLayers(palette: Palette): LayerSpecification[] {
  return [
    line('roads-tunnel-casing', tunnel, { 'line-join': 'round' }, { 'line-color': palette.casing, 'line-width': roadWidth(1.6), 'line-dasharray': [1.2, 0.8] }, 13),
    line('roads-tunnel', tunnel, { 'line-join': 'round' }, { 'line-color': underPointer(palette.tunnel, palette), 'line-width': roadWidth() }),
    ...STOREYS.flatMap((one) => storey(one, palette)),
  ]
}
