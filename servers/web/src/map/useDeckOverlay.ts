// deck.gl above the map; its code is fetched when the first layer for it appears.
import type { Layer } from '@deck.gl/core'
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import { useMapStore } from './mapStore'

/** deck.gl 9 reads `map.transform`, which MapLibre 6 keeps in its camera; without it every frame fails. */
function lendTransform(map: MapLibre): void {
  if ('transform' in map) return
  const { _camera: camera } = map as unknown as { _camera: { transform: unknown } }
  Object.defineProperty(map, 'transform', { get: () => camera.transform })
}

/** Layers go straight from the store to deck.gl: a replay changes them with every frame, React need not know. */
export function useDeckOverlay(map: MapLibre | null): void {
  useEffect(() => {
    if (!map) return
    let overlay: import('@deck.gl/mapbox').MapboxOverlay | null = null
    let wanted = false
    let gone = false
    const layers = () => Object.values(useMapStore.getState().deck).flat()
    const bring = async () => {
      wanted = true
      const { MapboxOverlay } = await import('@deck.gl/mapbox')
      if (gone) return
      lendTransform(map)
      overlay = new MapboxOverlay({ interleaved: true, layers: layers() })
      map.addControl(overlay)
    }
    const follow = (deck: Record<string, Layer[]>) => {
      if (overlay) overlay.setProps({ layers: layers() })
      else if (!wanted && Object.keys(deck).length) void bring()
    }
    follow(useMapStore.getState().deck)
    const stop = useMapStore.subscribe((store, before) => store.deck !== before.deck && follow(store.deck))
    return () => {
      gone = true
      stop()
      if (overlay) map.removeControl(overlay)
    }
  }, [map])
}
