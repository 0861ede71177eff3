// Which feature is meant by a point on the map: within a few pixels, the smallest kind of thing first.
import type { Map as MapLibre, MapGeoJSONFeature, PointLike } from 'maplibre-gl'
import { CITY_SOURCE, type Picked } from './mapStore'

type Meta = { collection?: string; part?: string; leads?: string | null }

function meta(layer: { metadata?: unknown }): Meta {
  return (layer.metadata ?? {}) as Meta
}

/** The collection that a rendered feature belongs to, or null. */
export function collectionOf(feature: MapGeoJSONFeature): string | null {
  const { collection, leads } = meta(feature.layer)
  return leads ?? collection ?? null
}

/** Ids of layers that can be clicked; `only` leaves those of one collection. */
function clickable(map: MapLibre, only: string | null): string[] {
  return map
    .getStyle()
    .layers.filter((layer) => {
      const { collection, leads } = meta(layer)
      const leadsTo = leads ?? ('source' in layer && layer.source === CITY_SOURCE ? collection : undefined)
      return leadsTo !== undefined && (only === null || leadsTo === only) && layer.layout?.visibility !== 'none' && !layer.id.endsWith('-casing')
    })
    .map((layer) => layer.id)
}

const KINDS: Record<string, number> = { symbol: 0, circle: 0, line: 1, 'fill-extrusion': 2, fill: 3 }
const LAST = new Set(['water', 'parking'])

function rank(feature: MapGeoJSONFeature): number {
  const leads = meta(feature.layer).leads
  return (KINDS[feature.layer.type] ?? 4) + (LAST.has(feature.sourceLayer ?? '') ? 3 : 0) - (leads ? 0.5 : 0)
}

const layersOf = new WeakMap<MapLibre, { style: number; only: string | null; ids: string[] }>()
let changes = 0

/** Call when the style has changed: which layers can be clicked is asked anew. */
export function styleChanged(): void {
  changes += 1
}

function layerIds(map: MapLibre, only: string | null): string[] {
  const known = layersOf.get(map)
  if (known && known.style === changes && known.only === only) return known.ids
  const ids = clickable(map, only)
  layersOf.set(map, { style: changes, only, ids })
  return ids
}

/** The rendered feature at a place, within `tolerance` pixels; of one collection if `only` is given. */
export function featureAt(map: MapLibre, point: { x: number; y: number }, tolerance: number, only: string | null = null): MapGeoJSONFeature | null {
  const layers = layerIds(map, only).filter((id) => map.getLayer(id))
  if (layers.length === 0) return null
  const exact = map.queryRenderedFeatures([point.x, point.y] as PointLike, { layers })
  const box: [PointLike, PointLike] = [[point.x - tolerance, point.y - tolerance], [point.x + tolerance, point.y + tolerance]]
  const near = map.queryRenderedFeatures(box, { layers }).filter((feature) => rank(feature) < 2)
  const found = [...near, ...exact].filter((feature) => collectionOf(feature) && feature.properties.id !== undefined)
  return found.reduce<MapGeoJSONFeature | null>((best, feature) => (best === null || rank(feature) < rank(best) ? feature : best), null)
}

/** What a rendered feature is. */
export function pickedOf(feature: MapGeoJSONFeature, language: 'zh' | 'en', point: [number, number]): Picked {
  const { id, name, name_zh: zh, name_en: en, group } = feature.properties as Record<string, string | undefined>
  return {
    collection: collectionOf(feature) ?? '', id: String(id), name: (language === 'zh' ? (zh ?? name ?? en) : (en ?? name ?? zh)) ?? '',
    group: group ?? null, point,
  }
}
