// The selected feature, with all parts of the named structure it belongs to, in the one colour kept for it.
import type { FilterSpecification, LayerSpecification } from 'maplibre-gl'
import { useMemo } from 'react'
import { useCard } from '../server/cardQuery'
import { useAddress } from '../state/address'
import { CITY_SOURCE, useStyleLayers, type StyleLayers } from './mapStore'
import { PALETTES, type Palette } from './palette'
import { roadWidth } from './roads'

function selection(collection: string, ids: string[], palette: Palette): StyleLayers {
  const base = { source: CITY_SOURCE, 'source-layer': collection }
  const mine: FilterSpecification = ['in', ['get', 'id'], ['literal', ids]]
  const kind = (type: string): FilterSpecification => ['all', mine, ['==', ['geometry-type'], type]]
  const width = collection === 'roads' ? roadWidth(1) : 5
  const layers: LayerSpecification[] = [
    { id: 'selection-area', type: 'fill', ...base, filter: kind('Polygon'), paint: { 'fill-color': palette.selected, 'fill-opacity': 0.25 } },
    { id: 'selection-glow', type: 'line', ...base, filter: mine, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': palette.selected, 'line-opacity': 0.3, 'line-width': collection === 'roads' ? roadWidth(10) : 12, 'line-blur': 3 } },
    { id: 'selection-line', type: 'line', ...base, filter: mine, layout: { 'line-cap': 'round', 'line-join': 'round' }, paint: { 'line-color': palette.selected, 'line-width': collection === 'roads' || collection === 'walkways' ? width : 2.5 } },
    { id: 'selection-point', type: 'circle', ...base, filter: kind('Point'), paint: { 'circle-color': palette.selected, 'circle-radius': 8, 'circle-stroke-color': palette.halo, 'circle-stroke-width': 2.5 } },
  ]
  if (collection === 'buildings')
    layers.push({
      id: 'selection-building', type: 'fill-extrusion', ...base, minzoom: 13, filter: mine,
      paint: { 'fill-extrusion-color': palette.selected, 'fill-extrusion-height': ['+', 0.4, ['coalesce', ['get', 'height_m'], 3]], 'fill-extrusion-opacity': 0.95 },
    })
  return { sources: {}, layers, under: 'labels' }
}

/** A line around what is selected: the colour of a result on it stays to be seen. */
function outline(collection: string, ids: string[], palette: Palette): StyleLayers {
  const base = { source: CITY_SOURCE, 'source-layer': collection, layout: { 'line-join': 'round' } as const }
  const mine: FilterSpecification = ['in', ['get', 'id'], ['literal', ids]]
  const isLine: FilterSpecification = ['==', ['geometry-type'], 'LineString']
  const gap = collection === 'roads' ? roadWidth(6) : 8
  const line = { 'line-color': palette.selected, 'line-width': 3 }
  const layers: LayerSpecification[] = [
    { id: 'selection-line', type: 'line', ...base, filter: ['all', mine, isLine], paint: { ...line, 'line-gap-width': gap } },
    { id: 'selection-edge', type: 'line', ...base, filter: ['all', mine, ['==', ['geometry-type'], 'Polygon']], paint: line },
    {
      id: 'selection-point', type: 'circle', source: CITY_SOURCE, 'source-layer': collection, filter: ['all', mine, ['==', ['geometry-type'], 'Point']],
      paint: { 'circle-opacity': 0, 'circle-radius': 11, 'circle-stroke-color': palette.selected, 'circle-stroke-width': 3 },
    },
  ]
  return { sources: {}, layers, under: 'labels' }
}

const HOW: Record<string, typeof selection | undefined> = { '': selection, feature: selection, run: outline, comparison: outline }

export function SelectionOnMap() {
  const selected = useAddress((address) => address.selected)
  // Under a plan the map is its own; a result keeps its colours: there the selection is a line around.
  const how = useAddress((address) => HOW[address.panel] ?? null)
  const theme = useAddress((address) => address.theme)
  const card = useCard(selected)
  const members = card.data?.group?.members
  const piece = useMemo(() => {
    const [collection, id] = splitSelected(selected)
    if (!id || !how) return null
    return how(collection, members?.length ? [...members] : [id], PALETTES[theme])
  }, [selected, how, members, theme])
  useStyleLayers('~selection', piece)
  return null
}

/** `roads:way/1` → ["roads", "way/1"]. */
export function splitSelected(selected: string): [string, string] {
  const colon = selected.indexOf(':')
  return colon < 0 ? ['', ''] : [selected.slice(0, colon), selected.slice(colon + 1)]
}
