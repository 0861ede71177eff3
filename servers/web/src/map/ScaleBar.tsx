// How long a stretch of the map is in the middle of the view, in a round number.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef } from 'react'
import { formatQuantity } from '../language/quantities'
import { useLanguage, useWords } from '../language/words'
import { mapWords } from './mapWords'

const LONGEST_PX = 110

/** The largest of 1, 2, 5 times a power of ten that is not longer. */
export function roundLength(metres: number): number {
  const power = 10 ** Math.floor(Math.log10(metres))
  return power * (metres / power >= 5 ? 5 : metres / power >= 2 ? 2 : 1)
}

export function ScaleBar({ map }: { map: MapLibre }) {
  const t = useWords(mapWords)
  const language = useLanguage()
  const bar = useRef<HTMLDivElement>(null)
  useEffect(() => {
    const draw = () => {
      if (!bar.current) return
      const { clientWidth, clientHeight } = map.getContainer()
      const [x, y] = [clientWidth / 2, clientHeight / 2]
      const metres = map.unproject([x - LONGEST_PX / 2, y]).distanceTo(map.unproject([x + LONGEST_PX / 2, y]))
      if (!(metres > 0)) return
      const length = roundLength(metres)
      bar.current.style.inlineSize = `${Math.round((LONGEST_PX * length) / metres)}px`
      bar.current.textContent = length >= 1000 ? formatQuantity(length / 1000, 'km', language) : formatQuantity(length, 'm', language)
    }
    draw()
    const heard = [map.on('move', draw), map.on('resize', draw)]
    return () => heard.forEach((subscription) => subscription.unsubscribe())
  }, [map, language])
  return <div ref={bar} className="map-scale numbers" role="img" aria-label={t('scale')} />
}
