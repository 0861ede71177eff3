// What the plan changes, drawn on the map: the features of its edits, and the new ones it brings.
import type { FeatureCollection } from 'geojson'
import { useQueries } from '@tanstack/react-query'
import { useMemo } from 'react'
import type { LayerSpecification } from 'maplibre-gl'
import { useLegend, useStyleLayers, type Legend, type StyleLayers } from '../map/mapStore'
import { featurePath } from '../server/cardQuery'
import { getJson } from '../server/client'
import type { Feature, Geometry, PlanEdit } from '../server/documents'
import { useAddress, type Theme } from '../state/address'
import { planWords } from './planWords'

/** More are not drawn one by one: a whole district's streets come from the base map's own tiles then. */
const MOST_FEATURES = 300

const COLOURS: Record<Theme, { line: string; halo: string }> = {
  light: { line: '#b5307a', halo: '#ffffff' },
  dark: { line: '#ff8ac6', halo: '#10161c' },
}

type Place = { layer: string; id: string }

/** Every feature that is there and is changed, each once. */
export function changedFeatures(edits: PlanEdit[]): Place[] {
  const found = new Map<string, Place>()
  for (const edit of edits)
    if (edit.op !== 'add') for (const id of edit.features) found.set(`${edit.layer}:${id}`, { layer: edit.layer, id })
  return [...found.values()].slice(0, MOST_FEATURES)
}

/** New features bring their own geometry. */
export function addedGeometries(edits: PlanEdit[]): Geometry[] {
  return edits.filter((edit) => edit.op === 'add' && edit.fields.geometry).map((edit) => edit.fields.geometry as Geometry)
}

const geometriesOf = (results: { data?: Geometry | null }[]) => results.map((one) => one.data ?? null)

function useGeometries(places: Place[]): (Geometry | null)[] {
  return useQueries({
    queries: places.map(({ layer, id }) => ({
      queryKey: ['feature shape', layer, id], staleTime: 300_000, retry: false,
      queryFn: async ({ signal }: { signal: AbortSignal }) => (await getJson<Feature>(featurePath(layer, id), signal)).geometry,
    })),
    combine: geometriesOf,
  })
}

const SOURCE = 'plan'

function layersOf(theme: Theme): LayerSpecification[] {
  const { line, halo } = COLOURS[theme]
  const isPoint: ['==', ['geometry-type'], string] = ['==', ['geometry-type'], 'Point']
  const round = { 'line-cap': 'round', 'line-join': 'round' } as const
  return [
    { id: 'plan-halo', type: 'line', source: SOURCE, layout: round, paint: { 'line-color': halo, 'line-width': 9, 'line-opacity': 0.85 } },
    { id: 'plan-line', type: 'line', source: SOURCE, layout: round, paint: { 'line-color': line, 'line-width': 5 } },
    {
      id: 'plan-point', type: 'circle', source: SOURCE, filter: isPoint,
      paint: { 'circle-color': line, 'circle-radius': 7, 'circle-stroke-color': halo, 'circle-stroke-width': 2 },
    },
  ]
}

/** Draw them while the panel is shown. */
export function usePlanOnMap(edits: PlanEdit[]): void {
  const theme = useAddress((address) => address.theme)
  const places = useMemo(() => changedFeatures(edits), [edits])
  const shapes = useGeometries(places)
  const style = useMemo((): StyleLayers | null => {
    const geometries = [...shapes.filter((shape) => shape !== null), ...addedGeometries(edits)]
    if (geometries.length === 0) return null
    const features = geometries.map((geometry) => ({ type: 'Feature', properties: {}, geometry }))
    const data = { type: 'FeatureCollection', features } as FeatureCollection
    return { sources: { [SOURCE]: { type: 'geojson', data } }, layers: layersOf(theme), under: 'labels' }
  }, [shapes, edits, theme])
  const legend = useMemo((): Legend | null => {
    if (!style) return null
    const label = { en: planWords.en.affected, zh: planWords.zh.affected }
    return { title: { en: planWords.en.plan, zh: planWords.zh.plan }, kind: 'categories', stops: [{ color: COLOURS[theme].line, label }] }
  }, [style, theme])
  useStyleLayers('plan', style)
  useLegend('plan', legend)
}
