// Moving the map from elsewhere, without the map's code in the first script.
import type { Bounds, Geometry } from '../server/documents'
import { useMapStore } from './mapStore'

/** Show a box, if there is a map. */
export async function showBounds(bounds: Bounds): Promise<void> {
  const camera = await import('./camera')
  const { map } = useMapStore.getState()
  if (map) camera.showBounds(map, bounds)
}

/** Show all of a geometry, if it has a place. */
export async function showGeometry(geometry: Geometry | null): Promise<void> {
  const { boundsOf } = await import('./camera')
  const bounds = boundsOf(geometry)
  if (bounds) await showBounds(bounds)
}
