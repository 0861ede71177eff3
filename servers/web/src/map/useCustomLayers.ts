// Layers that draw themselves, above all others of the map: whoever has some puts them into the store.
import type { CustomLayerInterface, Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import { useMapStore, type MapName } from './mapStore'

/** Keep the store's custom layers for a map on that map, also when its style was made anew. */
export function useCustomLayers(map: MapLibre | null, name: MapName): void {
  const layers = useMapStore((store) => store.custom[name])
  useEffect(() => {
    if (!map) return
    const missing = (layer: CustomLayerInterface) => !map.getLayer(layer.id)
    const add = () => layers.filter(missing).forEach((layer) => map.addLayer(layer))
    add()
    map.on('styledata', add)
    return () => {
      map.off('styledata', add)
      if (map.style) layers.forEach((layer) => map.getLayer(layer.id) && map.removeLayer(layer.id))
    }
  }, [map, layers])
}
