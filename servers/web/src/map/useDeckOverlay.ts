// deck.gl above the map; its code is fetched when the first layer for it appears.
import type { Layer } from '@deck.gl/core'
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import { useMapStore, type MapStore } from './mapStore'

/** deck.gl 9 reads `map.transform`, which MapLibre 6 keeps in its camera; without it every frame fails. */
function lendTransform(map: MapLibre): void {
  if ('transform' in map) return
  const { _camera: camera } = map as unknown as { _camera: { transform: unknown } }
  Object.defineProperty(map, 'transform', { get: () => camera.transform })
}

/** When its code did not come (the server is away), it is asked for again after so long. */
const AGAIN_MS = 3000

export const onMainMap = (store: MapStore): Layer[] => Object.values(store.deck).flat()
export const onLinkedMap = (store: MapStore): Layer[] => store.linkedDeck

/** Layers go straight from the store to deck.gl: a replay changes them with every frame, React need not know. */
export function useDeckOverlay(map: MapLibre | null, layersOf: (store: MapStore) => Layer[] = onMainMap): void {
  useEffect(() => {
    if (!map) return
    let overlay: import('@deck.gl/mapbox').MapboxOverlay | null = null
    let wanted = false
    let gone = false
    let retry = 0
    const bring = async () => {
      wanted = true
      const deck = await import('@deck.gl/mapbox').catch(() => null)
      if (gone) return
      if (!deck) {
        retry = window.setTimeout(() => {
          wanted = false
          follow(useMapStore.getState())
        }, AGAIN_MS)
        return
      }
      const { MapboxOverlay } = deck
      lendTransform(map)
      overlay = new MapboxOverlay({ interleaved: true, layers: layersOf(useMapStore.getState()) })
      map.addControl(overlay)
    }
    const follow = (store: MapStore) => {
      const layers = layersOf(store)
      if (overlay) overlay.setProps({ layers })
      else if (!wanted && layers.length) void bring()
    }
    follow(useMapStore.getState())
    const stop = useMapStore.subscribe((store, before) => {
      if (store.deck !== before.deck || store.linkedDeck !== before.linkedDeck) follow(store)
    })
    return () => {
      gone = true
      clearTimeout(retry)
      stop()
      if (overlay) map.removeControl(overlay)
    }
  }, [map, layersOf])
}
