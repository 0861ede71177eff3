// A map of the city: the page's own, and a second one beside it where two states are compared.
import { Map as MapLibre, setWorkerUrl, type StyleSpecification, type VectorTileSource } from 'maplibre-gl'
import workerUrl from 'maplibre-gl/dist/maplibre-gl-worker.mjs?url'
import 'maplibre-gl/dist/maplibre-gl.css'
import type { Language } from '../language/words'
import type { Bounds } from '../server/documents'
import type { View } from '../state/address'
import { IN_SOFTWARE, prefersStillness } from '../state/graphics'
import { coveredBySheet } from './camera'
import { CITY_SOURCE } from './mapStore'
import { mapWords } from './mapWords'

setWorkerUrl(workerUrl)

export type BaseMapOptions = {
  style: StyleSpecification
  language: Language
  /** Where to look; without one, at the bounds. */
  view: View | null
  bounds: Bounds | null
}

const FIRST_PITCH = 55
const FIRST_BEARING = -20

/** The zoom at which the city fills the map: a slanted view shows more behind than before, so it may come closer. */
function zoomFor([west, south, east, north]: Bounds, clientWidth: number, clientHeight: number): number {
  const mercator = (latitude: number) => Math.log(Math.tan(Math.PI / 4 + (latitude * Math.PI) / 360)) / (2 * Math.PI)
  const wide = (east - west) / 360
  const high = (mercator(north) - mercator(south)) * Math.cos((FIRST_PITCH * Math.PI) / 180)
  const zoom = Math.log2(Math.min(clientWidth / wide, clientHeight / high) / 512)
  return Math.max(9, Math.min(16, zoom + 0.35))
}

/** The camera for a city seen for the first time: all of it, from the south at a slant. */
function firstCamera(options: BaseMapOptions, container: HTMLElement, covered: number) {
  const { view, bounds } = options
  if (view) return { center: [view.longitude, view.latitude] as [number, number], zoom: view.zoom, bearing: view.bearing, pitch: view.pitch }
  if (!bounds) return { center: [106.57, 29.55] as [number, number], zoom: 11 }
  return { center: [(bounds[0] + bounds[2]) / 2, (bounds[1] + bounds[3]) / 2] as [number, number], zoom: zoomFor(bounds, container.clientWidth, container.clientHeight - covered), pitch: FIRST_PITCH, bearing: FIRST_BEARING }
}

/** Make a map in a container. Remove it with `map.remove()`. */
export function createBaseMap(container: HTMLElement, options: BaseMapOptions): MapLibre {
  const covered = options.view || !options.bounds ? 0 : coveredBySheet(container)
  const map = new MapLibre({
    container, style: options.style, attributionControl: false, locale: { 'Map.Title': mapWords[options.language].map }, maxPitch: 80, minZoom: 8, maxZoom: 20,
    ...firstCamera(options, container, covered), localIdeographFontFamily: false, fadeDuration: IN_SOFTWARE ? 0 : 150, validateStyle: false,
    canvasContextAttributes: { antialias: !IN_SOFTWARE }, reduceMotion: prefersStillness(), clickTolerance: 4, renderWorldCopies: false,
  })
  if (covered > 0) map.panBy([0, covered / 2], { duration: 0 }) // the city in the middle of what is seen of the map
  map.touchZoomRotate.enable()
  map.getCanvas().setAttribute('aria-label', mapWords[options.language].mapHelp)
  return map
}

/** Bring a style to a map, by its difference; new versions of tiles replace the old ones without a flash. */
export function applyStyle(map: MapLibre, style: StyleSpecification): void {
  const next = style.sources[CITY_SOURCE]
  const source = map.getSource<VectorTileSource>(CITY_SOURCE)
  if (source && next?.type === 'vector' && next.tiles && source.tiles?.join() !== next.tiles.join()) source.setTiles(next.tiles)
  map.setStyle(style, { diff: true, validate: false })
}

/** Let two maps move as one. Returns how to untie them. */
export function linkCameras(first: MapLibre, second: MapLibre): () => void {
  let moving = false
  const follow = (from: MapLibre, to: MapLibre) => () => {
    if (moving) return
    moving = true
    to.jumpTo({ center: from.getCenter(), zoom: from.getZoom(), bearing: from.getBearing(), pitch: from.getPitch() })
    moving = false
  }
  const [forth, back] = [follow(first, second), follow(second, first)]
  first.on('move', forth)
  second.on('move', back)
  forth()
  return () => {
    first.off('move', forth)
    second.off('move', back)
  }
}
