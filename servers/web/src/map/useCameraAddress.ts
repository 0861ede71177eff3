// The view stands in the address bar, and the back button moves the map.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import { useAddress, type View } from '../state/address'

function viewOf(map: MapLibre): View {
  const { lng, lat } = map.getCenter()
  return { longitude: lng, latitude: lat, zoom: map.getZoom(), bearing: map.getBearing(), pitch: map.getPitch() }
}

function near(one: View, other: View): boolean {
  return Math.abs(one.longitude - other.longitude) < 2e-5 && Math.abs(one.latitude - other.latitude) < 2e-5
    && Math.abs(one.zoom - other.zoom) < 0.02 && Math.abs(one.bearing - other.bearing) < 0.2 && Math.abs(one.pitch - other.pitch) < 0.2
}

export function useCameraAddress(map: MapLibre | null): void {
  useEffect(() => {
    if (!map) return
    const write = () => useAddress.getState().go({ view: viewOf(map) })
    map.on('moveend', write)
    const stop = useAddress.subscribe((address, before) => {
      const { view } = address
      if (!view || view === before.view || map.isMoving() || near(view, viewOf(map))) return
      map.jumpTo({ center: [view.longitude, view.latitude], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch })
    })
    return () => {
      map.off('moveend', write)
      stop()
    }
  }, [map])
}
