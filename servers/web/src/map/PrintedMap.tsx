// On paper a picture stands where the map is: a WebGL canvas prints empty.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef } from 'react'
import { mapCanvas } from './mapImage'

export function PrintedMap({ map }: { map: MapLibre }) {
  const place = useRef<HTMLDivElement>(null)
  useEffect(() => {
    // Drawn at once on a plain canvas: nothing has to be decoded before the page is laid out.
    const before = () => place.current?.replaceChildren(mapCanvas(map))
    const after = () => place.current?.replaceChildren()
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [map])
  return <div className="map-printed" ref={place} aria-hidden="true" />
}
