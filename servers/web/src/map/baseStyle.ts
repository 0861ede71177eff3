// The base map as a pure function of what the city has, the theme and the language.
import type { LayerSpecification, RasterDEMSourceSpecification, StyleSpecification } from 'maplibre-gl'
import type { Language } from '../language/words'
import type { Bounds, Collection, TileJson } from '../server/documents'
import type { Theme } from '../state/address'
import { buildingLayers, otherLayers, parkingLayers, pointLayers, railLayers, walkwayLayers, waterLayers } from './ground'
import { labelLayers } from './labels'
import { CITY_SOURCE } from './mapStore'
import { PALETTES, type Palette } from './palette'
import { roadLayers } from './roads'

export type BaseMap = {
  collections: Collection[]
  /** Tiles that hold all feature collections; null before they are known or in an empty city. */
  tiles: TileJson | null
  /** Elevation tiles (terrarium); null: none, or not yet wanted. */
  elevation: TileJson | null
  /** Whether the ground rises; the hillshade stays. */
  terrain: boolean
  theme: Theme
  language: Language
  /** Collections that are switched off. */
  hidden: string[]
}

/** Layers that other rooms' layers are put under. */
export const ANCHORS = { buildings: 'anchor-buildings', labels: 'anchor-labels' } as const

function anchor(id: string): LayerSpecification {
  return { id, type: 'background', layout: { visibility: 'none' }, paint: {} }
}

/** Elevation beyond its extent is a slope that the server adds so that the ground has no cliff: not to be shaded. */
function demSource(tiles: TileJson, bounds?: Bounds): RasterDEMSourceSpecification {
  return {
    type: 'raster-dem', tiles: tiles.tiles, tileSize: tiles.tileSize ?? 256, encoding: 'terrarium',
    minzoom: tiles.minzoom, maxzoom: tiles.maxzoom, ...(bounds ? { bounds } : {}),
  }
}

function extentOf(collections: Collection[], id: string): Bounds | undefined {
  return collections.find((one) => one.id === id)?.extent?.spatial.bbox[0]
}

function hillshade(palette: Palette): LayerSpecification {
  return {
    id: 'hillshade', type: 'hillshade', source: 'relief', metadata: { collection: 'elevation' },
    paint: {
      'hillshade-shadow-color': palette.shadow, 'hillshade-highlight-color': palette.highlight, 'hillshade-accent-color': palette.accent,
      'hillshade-exaggeration': ['interpolate', ['linear'], ['zoom'], 10, 0.6, 16, 0.4], 'hillshade-illumination-direction': 315,
      'hillshade-illumination-anchor': 'map',
    },
  }
}

/** A breath of green that grows with height: hills are seen as hills from straight above too. */
function relief(tiles: TileJson, palette: Palette): LayerSpecification[] {
  const [low, high] = tiles.elevation_m ?? [0, 0]
  if (high - low < 20) return [] // flat land, or a server that does not say
  const at = (share: number) => low + share * (high - low)
  const color = ['interpolate', ['linear'], ['elevation'], at(0.08), palette.land, at(0.4), palette.slope, at(0.95), palette.height]
  return [{ id: 'relief-tint', type: 'color-relief', source: 'ground', metadata: { collection: 'elevation' }, paint: { 'color-relief-color': color } } as unknown as LayerSpecification]
}

function layersOf(base: BaseMap, palette: Palette): LayerSpecification[] {
  const present = new Set(base.collections.filter((one) => one.kind === 'feature').map((one) => one.id))
  const has = (collection: string, layers: () => LayerSpecification[]) => (present.has(collection) ? layers() : [])
  return [
    ...(base.elevation ? [...relief(base.elevation, palette), hillshade(palette)] : []),
    ...otherLayers(base.collections, palette).filter((layer) => layer.id.endsWith('-areas')),
    ...has('water', () => waterLayers(palette)),
    ...has('parking', () => parkingLayers(palette)),
    ...has('walkways', () => walkwayLayers(palette)),
    ...has('roads', () => roadLayers(palette)),
    ...has('rail', () => railLayers(palette)),
    ...otherLayers(base.collections, palette).filter((layer) => !layer.id.endsWith('-areas')),
    anchor(ANCHORS.buildings),
    ...has('buildings', () => buildingLayers(palette)),
    ...pointLayers(present, palette),
    anchor(ANCHORS.labels),
    ...labelLayers(present, base.language, palette),
  ]
}

function shown(layer: LayerSpecification, hidden: ReadonlySet<string>): LayerSpecification {
  const { collection, part } = (layer.metadata ?? {}) as { collection?: string; part?: string }
  const off = (collection !== undefined && hidden.has(collection)) || (part === 'label' && hidden.has('labels'))
  return off ? ({ ...layer, layout: { ...layer.layout, visibility: 'none' } } as LayerSpecification) : layer
}

/** The style; layers of collections the city lacks are left out. */
export function baseStyle(base: BaseMap): StyleSpecification {
  const palette = PALETTES[base.theme]
  const hidden = new Set(base.hidden)
  const land: LayerSpecification = { id: 'land', type: 'background', paint: { 'background-color': palette.land } }
  const { tiles, elevation } = base
  return {
    version: 8,
    name: 'city',
    sources: {
      ...(tiles ? { [CITY_SOURCE]: { type: 'vector', tiles: tiles.tiles, minzoom: tiles.minzoom, maxzoom: tiles.maxzoom, ...(tiles.bounds ? { bounds: tiles.bounds } : {}) } } : {}),
      // Two sources of the same tiles: the hillshade may then use finer ones than the ground.
      ...(elevation ? { relief: demSource(elevation, extentOf(base.collections, 'elevation')), ground: demSource(elevation) } : {}),
    },
    ...(elevation && base.terrain ? { terrain: { source: 'ground', exaggeration: 1 } } : {}),
    sky: {
      'sky-color': palette.sky, 'horizon-color': palette.horizon, 'fog-color': palette.fog,
      'sky-horizon-blend': 0.6, 'horizon-fog-blend': 0.7, 'fog-ground-blend': 0.72,
    },
    light: { anchor: 'viewport', position: [1.5, 205, 35], color: palette.light, intensity: base.theme === 'dark' ? 0.22 : 0.26 },
    layers: [land, ...(tiles ? layersOf(base, palette) : [anchor(ANCHORS.buildings), anchor(ANCHORS.labels)]).map((layer) => shown(layer, hidden))],
  }
}
