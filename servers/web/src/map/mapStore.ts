// What the other rooms put on the map: style layers, layers that draw themselves, legends. The map room draws them.
import type { CustomLayerInterface, ExpressionSpecification, LayerSpecification, Map as MapLibre, SourceSpecification } from 'maplibre-gl'
import { useEffect } from 'react'
import { create } from 'zustand'
import type { Text } from '../language/words'

/** Sources and layers of one purpose; drawn above the base map, `under` its labels by default. */
export type StyleLayers = {
  sources: Record<string, SourceSpecification>
  layers: LayerSpecification[]
  under?: 'labels' | 'buildings' | null
  /** Colours for areas and buildings of the base map, by collection: they keep their shape and height. */
  recolour?: Record<string, ExpressionSpecification>
  /** Ids of layers whose features can be clicked; `collection` names where their `id` leads (null: a result's own row). */
  clickable?: Record<string, string | null>
}

export type Legend = {
  title: Text | string
  unit?: string
  kind: 'ramp' | 'steps' | 'categories'
  /** In order; `value` for ramps and steps, `label` for categories. */
  stops: { color: string; value?: number; label?: Text | string }[]
  note?: Text | string
}

/** A feature of the city under the pointer; `group` is the named structure it belongs to. */
export type Picked = { collection: string; id: string; name: string; group: string | null; point: [number, number] }

/** Somebody waits for a click on the map: the next one on a feature of the collection goes there, not to the card. */
export type Picking = { collection: string | null; take: (picked: Picked) => void; cancel?: () => void }

/** The page's own map, and the one beside or over it when two are shown. */
export type MapName = 'main' | 'linked'

export type MapStore = {
  map: MapLibre | null
  style: Record<string, StyleLayers>
  /** Layers that draw themselves, above all others. */
  custom: Record<MapName, CustomLayerInterface[]>
  /** The second map, and the share of the width, from the left, on which it covers the first. */
  linked: { map: MapLibre; share: number } | null
  legends: Record<string, Legend>
  picking: Picking | null
}

export const useMapStore = create<MapStore>(() => ({ map: null, style: {}, custom: { main: [], linked: [] }, linked: null, legends: {}, picking: null }))

/** Ask for one feature by a click on the map; Esc gives up. Returns how to stop waiting. */
export function pickOnMap(picking: Picking): () => void {
  useMapStore.getState().picking?.cancel?.()
  useMapStore.setState({ picking })
  return () => useMapStore.getState().picking === picking && useMapStore.setState({ picking: null })
}

/** The source of all base layers, and the layer of its tiles that holds a collection (its id). */
export const CITY_SOURCE = 'city'

/** The map, once its base style has loaded. */
export function useMap(): MapLibre | null {
  return useMapStore((store) => store.map)
}

function usePiece<K extends 'style' | 'legends'>(kind: K, key: string, piece: MapStore[K][string] | null): void {
  useEffect(() => {
    if (piece === null) return
    useMapStore.setState((store) => ({ [kind]: { ...store[kind], [key]: piece } }) as Partial<MapStore>)
    return () =>
      useMapStore.setState((store) => {
        const { [key]: _gone, ...rest } = store[kind] as Record<string, unknown>
        return { [kind]: rest } as Partial<MapStore>
      })
  }, [kind, key, piece])
}

/** Show style layers while the component is shown. Memoise what is given. */
export function useStyleLayers(key: string, layers: StyleLayers | null): void {
  usePiece('style', key, layers)
}

/** Show a legend while the component is shown. */
export function useLegend(key: string, legend: Legend | null): void {
  usePiece('legends', key, legend)
}
