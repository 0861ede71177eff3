// Moving the view: to a feature, a box or the whole city; at once where the reader wants no motion.
import type { Map as MapLibre } from 'maplibre-gl'
import type { Bounds, Geometry } from '../server/documents'
import { prefersStillness } from '../state/graphics'

const CLOSEST = 17

/** The box around a geometry; null where it has no coordinates. */
export function boundsOf(geometry: Geometry | null): Bounds | null {
  const box: Bounds = [Infinity, Infinity, -Infinity, -Infinity]
  const visit = (part: unknown): void => {
    if (!Array.isArray(part)) return
    if (typeof part[0] === 'number') {
      const [longitude, latitude] = part as number[]
      box[0] = Math.min(box[0], longitude)
      box[1] = Math.min(box[1], latitude)
      box[2] = Math.max(box[2], longitude)
      box[3] = Math.max(box[3], latitude)
    } else part.forEach(visit)
  }
  visit(geometry?.coordinates)
  return Number.isFinite(box[0]) ? box : null
}

/** How much of the map's foot the panel covers where it lies over it as a sheet, px; beside the map it covers nothing. */
export function coveredBySheet(container: HTMLElement): number {
  const panel = document.querySelector('.context')?.getBoundingClientRect()
  const map = container.getBoundingClientRect()
  if (!panel || panel.left >= map.right || panel.top <= map.top) return 0
  return Math.max(0, map.bottom - panel.top)
}

/** Show a box, no closer than a street corner; turn and tilt stay. */
export function showBounds(map: MapLibre, [west, south, east, north]: Bounds): void {
  const room = Math.min(90, map.getContainer().clientWidth / 6)
  const padding = { top: room, left: room, right: room, bottom: room + coveredBySheet(map.getContainer()) }
  map.fitBounds([[west, south], [east, north]], {
    padding, maxZoom: CLOSEST, bearing: map.getBearing(), pitch: map.getPitch(), duration: prefersStillness() ? 0 : 700,
  })
}
