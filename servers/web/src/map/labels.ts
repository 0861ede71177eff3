// Names on the map: the reader's language first, the other beneath where both exist.
import type { ExpressionSpecification, LayerSpecification, SymbolLayerSpecification } from 'maplibre-gl'
import type { Language } from '../language/words'
import { CITY_SOURCE } from './mapStore'
import type { Palette } from './palette'

// No glyph files: MapLibre draws with the reader's own fonts. It takes the weight from the first name of the stack.
const STACK = ['Noto Sans CJK SC', 'PingFang SC', 'Microsoft YaHei', 'system-ui', 'sans-serif']
const REGULAR = STACK
const BOLD = ['CIM Bold', ...STACK]

const get = (name: string): ExpressionSpecification => ['get', name]
const text = (name: string): ExpressionSpecification => ['coalesce', get(name), '']

/** The two names of a feature: the reader's, and the other if it differs (else ''). */
function names(language: Language): { first: ExpressionSpecification; second: ExpressionSpecification } {
  const [own, other] = language === 'zh' ? ['name_zh', 'name_en'] : ['name_en', 'name_zh']
  const first: ExpressionSpecification = ['coalesce', get(own), get('name'), get(other), '']
  const second: ExpressionSpecification = ['case', ['has', own], ['coalesce', get(other), get('name'), ''], text(other)]
  return { first, second: ['case', ['==', second, first], '', second] }
}

/** On two lines, the second smaller. */
export function twoLines(language: Language): ExpressionSpecification {
  const { first, second } = names(language)
  return ['format', first, {}, ['case', ['==', second, ''], '', '\n'], {}, second, { 'font-scale': 0.8 }]
}

/** Along a line there is room for one. */
function oneLine(language: Language): ExpressionSpecification {
  const { first, second } = names(language)
  return ['format', first, {}, ['case', ['==', second, ''], '', '  '], {}, second, { 'font-scale': 0.82 }]
}

const named: ExpressionSpecification = ['any', ['has', 'name'], ['has', 'name_zh'], ['has', 'name_en']]
const RANK: ExpressionSpecification = [
  'match', get('class'), ['motorway', 'trunk'], 0, 'primary', 1, 'secondary', 2, 'tertiary', 3, ['residential', 'unclassified', 'living_street'], 4, 5,
]
/** POIs that people find their way by come first. */
const BIG_KINDS = ['hospital', 'university', 'college', 'townhall', 'station', 'attraction', 'museum', 'park', 'viewpoint', 'bus_station', 'ferry_terminal', 'fire_station', 'mall', 'stadium', 'theatre']
export const IS_LANDMARK: ExpressionSpecification = ['in', text('kind'), ['literal', BIG_KINDS]]

type Common = Pick<SymbolLayerSpecification, 'id' | 'type'> & Partial<SymbolLayerSpecification>

function label(collection: string, layer: Common): LayerSpecification {
  return { source: CITY_SOURCE, 'source-layer': collection, metadata: { collection, part: 'label' }, ...layer } as LayerSpecification
}

function alongRoad(id: string, ranks: [number, number], minzoom: number, language: Language, palette: Palette): LayerSpecification {
  return label('roads', {
    id, type: 'symbol', minzoom,
    filter: ['all', named, ['>=', RANK, ranks[0]], ['<=', RANK, ranks[1]], ['!=', get('bridge'), true], ['!=', get('tunnel'), true]],
    layout: {
      'symbol-placement': 'line', 'text-field': oneLine(language), 'text-font': REGULAR, 'symbol-spacing': 320,
      'text-size': ['interpolate', ['linear'], ['zoom'], 13, 10.5, 17, 13], 'text-letter-spacing': 0.04, 'symbol-sort-key': RANK,
      'text-max-angle': 35, 'text-pitch-alignment': 'viewport',
    },
    paint: { 'text-color': palette.labelSoft, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  })
}

/** From afar a bridge is shorter than its name: it stands upright over it; from near it runs along it. */
function bridges(far: boolean, language: Language, palette: Palette): LayerSpecification {
  return label('roads', {
    id: far ? 'label-bridges-far' : 'label-bridges', type: 'symbol', ...(far ? { minzoom: 12, maxzoom: 15 } : { minzoom: 15 }),
    filter: ['all', named, ['==', get('bridge'), true], ['<=', RANK, 3]],
    layout: {
      'symbol-placement': 'line-center', 'text-field': far ? twoLines(language) : oneLine(language), 'text-font': BOLD, 'symbol-sort-key': RANK,
      'text-size': ['interpolate', ['linear'], ['zoom'], 12, 11, 17, 15], 'text-letter-spacing': 0.04, 'text-max-angle': 40,
      'text-padding': far ? 40 : 16, 'text-pitch-alignment': 'viewport', 'text-rotation-alignment': far ? 'viewport' : 'map',
    },
    paint: { 'text-color': palette.label, 'text-halo-color': palette.halo, 'text-halo-width': 2 },
  })
}

function water(language: Language, palette: Palette): LayerSpecification[] {
  const layout = { 'text-field': twoLines(language), 'text-font': REGULAR, 'text-letter-spacing': 0.22, 'text-size': ['interpolate', ['linear'], ['zoom'], 11, 12, 16, 18] as ExpressionSpecification }
  const paint = { 'text-color': palette.labelWater, 'text-halo-color': palette.water, 'text-halo-width': 1 }
  return [
    label('water', { id: 'label-water', type: 'symbol', filter: ['all', named, ['==', ['geometry-type'], 'Polygon']], layout: { ...layout, 'text-padding': 90 }, paint }),
    label('water', { id: 'label-waterways', type: 'symbol', minzoom: 12, filter: ['all', named, ['==', ['geometry-type'], 'LineString']], layout: { ...layout, 'text-field': oneLine(language), 'symbol-placement': 'line', 'symbol-spacing': 500, 'text-pitch-alignment': 'viewport' }, paint }),
  ]
}

function places(id: string, big: boolean, minzoom: number, language: Language, palette: Palette): LayerSpecification {
  return label('pois', {
    id, type: 'symbol', minzoom,
    filter: ['all', named, big ? IS_LANDMARK : ['!', IS_LANDMARK]],
    layout: {
      'text-field': twoLines(language), 'text-font': big ? BOLD : REGULAR, 'text-size': big ? 12 : 11, 'text-anchor': 'top', 'text-offset': [0, 0.55],
      'text-max-width': 9, 'text-optional': true, 'text-padding': 6,
    },
    paint: { 'text-color': big ? palette.label : palette.labelSoft, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  })
}

function buildings(language: Language, palette: Palette): LayerSpecification {
  return label('buildings', {
    id: 'label-buildings', type: 'symbol', minzoom: 16, filter: named,
    layout: { 'text-field': twoLines(language), 'text-font': REGULAR, 'text-size': 11, 'text-max-width': 8, 'text-padding': 10 },
    paint: { 'text-color': palette.labelSoft, 'text-halo-color': palette.halo, 'text-halo-width': 1.4 },
  })
}

function rail(language: Language, palette: Palette): LayerSpecification {
  return label('rail', {
    id: 'label-rail', type: 'symbol', minzoom: 14, filter: named,
    layout: { 'symbol-placement': 'line', 'symbol-spacing': 420, 'text-field': oneLine(language), 'text-font': REGULAR, 'text-size': 11, 'text-letter-spacing': 0.05, 'text-pitch-alignment': 'viewport' },
    paint: { 'text-color': palette.labelSoft, 'text-halo-color': palette.halo, 'text-halo-width': 1.6 },
  })
}

/** All label layers, least important first (the last wins a place). */
export function labelLayers(collections: ReadonlySet<string>, language: Language, palette: Palette): LayerSpecification[] {
  const has = (collection: string, layers: LayerSpecification[]) => (collections.has(collection) ? layers : [])
  return [
    ...has('buildings', [buildings(language, palette)]),
    ...has('pois', [places('label-pois', false, 16, language, palette)]),
    ...has('rail', [rail(language, palette)]),
    ...has('roads', [
      alongRoad('label-streets', [4, 5], 15.5, language, palette),
      alongRoad('label-roads', [2, 3], 14, language, palette),
      alongRoad('label-highways', [0, 1], 12.5, language, palette),
    ]),
    ...has('pois', [places('label-places', true, 13.5, language, palette)]),
    ...has('water', water(language, palette)),
    ...has('roads', [bridges(true, language, palette), bridges(false, language, palette)]),
  ]
}
