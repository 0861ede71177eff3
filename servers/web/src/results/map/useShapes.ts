import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect } from 'react'
import { offerShapes } from '../scales/shapes'

/** Give a map the marks of categories while the component is shown. */
export function useShapes(map: MapLibre | null): void {
  useEffect(() => (map ? offerShapes(map) : undefined), [map])
}
