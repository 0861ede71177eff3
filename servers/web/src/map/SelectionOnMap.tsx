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

export function SelectionOnMap() {
  const selected = useAddress((address) => address.selected)
  // Under a plan or a result the map is theirs: the selection would cover their colours.
  const shown = useAddress((address) => address.panel === 'feature' || address.panel === '')
  const theme = useAddress((address) => address.theme)
  const card = useCard(selected)
  const members = card.data?.group?.members
  const piece = useMemo(() => {
    const [collection, id] = splitSelected(selected)
    return id && shown ? selection(collection, members?.length ? [...members] : [id], PALETTES[theme]) : null
  }, [selected, shown, members, theme])
  useStyleLayers('~selection', piece)
  return null
}

/** `roads:way/1` → ["roads", "way/1"]. */
export function splitSelected(selected: string): [string, string] {
  const colon = selected.indexOf(':')
  return colon < 0 ? ['', ''] : [selected.slice(0, colon), selected.slice(colon + 1)]
}
