// Pointing and clicking: what is under the pointer lights up with its name, a click opens it.
import type { Map as MapLibre, MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl'
import { useEffect } from 'react'
import { useAddress } from '../state/address'
import { CITY_SOURCE, useMapStore } from './mapStore'
import { featureAt, pickedOf } from './picking'

const HOVER_TOLERANCE = 3
const CLICK_TOLERANCE = 6

type Target = { source: string; sourceLayer?: string; id: string | number }

function targetOf(feature: MapGeoJSONFeature | null): Target | null {
  if (!feature || feature.id === undefined || feature.source !== CITY_SOURCE) return null
  return { source: feature.source, sourceLayer: feature.sourceLayer, id: feature.id }
}

/** Open the card of what is at a place, or hand it to whoever waits for it. Nothing there: nothing is selected. */
export function choose(map: MapLibre, point: { x: number; y: number }): void {
  const { picking } = useMapStore.getState()
  const feature = featureAt(map, point, CLICK_TOLERANCE, picking?.collection ?? null)
  const { language, selected, panel, go } = useAddress.getState()
  if (!feature) {
    if (!picking && selected) go({ selected: '', ...(panel === 'feature' ? { panel: '' } : {}) }, true)
    return
  }
  const { lng, lat } = map.unproject([point.x, point.y])
  const picked = pickedOf(feature, language, [lng, lat])
  if (picking) {
    useMapStore.setState({ picking: null })
    picking.take(picked)
    return
  }
  go({ selected: `${picked.collection}:${picked.id}`, panel: 'feature' }, true)
}

/** `tip` is moved and filled by hand: a render for each pixel would be felt. */
export function usePointer(map: MapLibre | null, tip: HTMLElement | null): void {
  useEffect(() => {
    if (!map) return
    let lit: Target | null = null
    let due = 0
    const light = (target: Target | null) => {
      if (lit?.id === target?.id && lit?.sourceLayer === target?.sourceLayer) return
      if (lit && map.getSource(lit.source)) map.setFeatureState(lit, { hover: false })
      lit = target
      if (lit) map.setFeatureState(lit, { hover: true })
    }
    const look = (event: MapMouseEvent) => {
      due = 0
      if (map.isMoving()) return
      const feature = featureAt(map, event.point, HOVER_TOLERANCE, useMapStore.getState().picking?.collection ?? null)
      light(targetOf(feature))
      map.getCanvas().style.cursor = feature ? 'pointer' : useMapStore.getState().picking ? 'crosshair' : ''
      if (!tip) return
      const { lng, lat } = event.lngLat
      const name = feature ? pickedOf(feature, useAddress.getState().language, [lng, lat]).name : ''
      tip.hidden = name === ''
      tip.textContent = name
      tip.style.transform = `translate(${event.point.x + 14}px, ${event.point.y + 12}px)`
    }
    const move = (event: MapMouseEvent) => {
      cancelAnimationFrame(due)
      due = requestAnimationFrame(() => look(event))
    }
    const leave = () => {
      cancelAnimationFrame(due)
      light(null)
      if (tip) tip.hidden = true
    }
    const click = (event: MapMouseEvent) => !event.defaultPrevented && choose(map, event.point)
    const key = (event: KeyboardEvent) => {
      const { clientWidth, clientHeight } = map.getCanvas()
      if (event.key === 'Enter') choose(map, { x: clientWidth / 2, y: clientHeight / 2 })
    }
    const heard = [map.on('mousemove', move), map.on('mouseout', leave), map.on('movestart', leave), map.on('click', click)]
    map.getCanvas().addEventListener('keydown', key)
    return () => {
      cancelAnimationFrame(due)
      heard.forEach((subscription) => subscription.unsubscribe())
      map.getCanvas().removeEventListener('keydown', key)
    }
  }, [map, tip])
}
