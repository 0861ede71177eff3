// Where north is. The needle is turned by hand: no render for each frame of a turn.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef, useState } from 'react'
import { useWords } from '../language/words'
import { prefersStillness } from '../state/graphics'
import { MapButton } from './MapButton'
import { mapWords } from './mapWords'

/** First click faces north, the next looks straight down. */
export function Compass({ map }: { map: MapLibre }) {
  const t = useWords(mapWords)
  const needle = useRef<SVGSVGElement>(null)
  const [northUp, setNorthUp] = useState(Math.abs(map.getBearing()) < 0.5)
  useEffect(() => {
    const turn = () => {
      if (needle.current) needle.current.style.transform = `rotate(${-map.getBearing()}deg)`
    }
    const rest = () => setNorthUp(Math.abs(map.getBearing()) < 0.5)
    turn()
    const heard = [map.on('rotate', turn), map.on('moveend', rest)]
    return () => heard.forEach((subscription) => subscription.unsubscribe())
  }, [map])
  const duration = prefersStillness() ? 0 : 300
  return (
    <MapButton label={northUp ? t('level') : t('north')} act={() => map.easeTo({ bearing: 0, duration, ...(northUp ? { pitch: 0 } : {}) })}>
      <svg ref={needle} width="20" height="20" viewBox="0 0 20 20" aria-hidden="true">
        <path d="M10 1.5 13.6 10H6.4Z" fill="var(--worse)" />
        <path d="M10 18.5 6.4 10h7.2Z" fill="currentColor" opacity="0.55" />
      </svg>
    </MapButton>
  )
}
