import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import type { Bounds } from '../../server/documents'

/** Go to where the result is, if none of it can be seen; a view that shows some of it is the reader's own and stays. */
export function useFirstLook(map: MapLibre | null, bounds: Bounds | null): void {
  const key = bounds?.join()
  useEffect(() => {
    if (!map || !bounds) return
    const [west, south, east, north] = bounds
    const seen = map.getBounds()
    const apart = east < seen.getWest() || west > seen.getEast() || north < seen.getSouth() || south > seen.getNorth()
    if (apart) map.fitBounds(bounds, { padding: 40, pitch: map.getPitch(), bearing: map.getBearing(), duration: 0 })
  }, [map, key]) // eslint-disable-line -- bounds by value
}
