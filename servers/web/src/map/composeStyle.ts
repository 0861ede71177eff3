// The base style with what the other rooms put on it: one style, handed to the map whole (it applies the difference).
import type { ExpressionSpecification, LayerSpecification, StyleSpecification } from 'maplibre-gl'
import { ANCHORS } from './baseStyle'
import type { StyleLayers } from './mapStore'

function withMap(layer: LayerSpecification, clickable: StyleLayers['clickable']): LayerSpecification {
  if (!clickable || !(layer.id in clickable)) return layer
  return { ...layer, metadata: { ...(layer.metadata as object), leads: clickable[layer.id] } } as LayerSpecification
}

/** A base layer of areas or buildings in the colours that a piece gives its collection. */
function recoloured(layer: LayerSpecification, colours: Record<string, ExpressionSpecification>): LayerSpecification {
  const colour = colours[(layer.metadata as { collection?: string } | undefined)?.collection ?? '']
  if (!colour || (layer.type !== 'fill' && layer.type !== 'fill-extrusion')) return layer
  return { ...layer, paint: { ...layer.paint, [`${layer.type}-color`]: colour } } as LayerSpecification
}

/** Put pieces in, in the order of their keys: under the buildings, under the labels (default), or on top. */
export function composeStyle(base: StyleSpecification, pieces: Record<string, StyleLayers>): StyleSpecification {
  const keys = Object.keys(pieces).sort()
  const placed = (under: 'labels' | 'buildings' | null) =>
    keys.filter((key) => (pieces[key].under === undefined ? 'labels' : pieces[key].under) === under)
      .flatMap((key) => pieces[key].layers.map((layer) => withMap(layer, pieces[key].clickable)))
  const colours = Object.assign({}, ...keys.map((key) => pieces[key].recolour)) as Record<string, ExpressionSpecification>
  const layers = base.layers.map((layer) => recoloured(layer, colours)).flatMap((layer) => {
    if (layer.id === ANCHORS.buildings) return [...placed('buildings'), layer]
    if (layer.id === ANCHORS.labels) return [...placed('labels'), layer]
    return [layer]
  })
  const sources = Object.assign({}, base.sources, ...keys.map((key) => pieces[key].sources)) as StyleSpecification['sources']
  const known = (layer: LayerSpecification) => !('source' in layer) || typeof layer.source !== 'string' || layer.source in sources
  return { ...base, sources, layers: [...layers, ...placed(null)].filter(known) }
}
