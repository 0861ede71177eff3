// One map for as long as the page is open: made when the city and its tiles are known, then kept up to date by difference.
import type { Map as MapLibre, StyleSpecification } from 'maplibre-gl'
import { useEffect, useRef, useState, type RefObject } from 'react'
import { useWords } from '../language/words'
import { isUnanswered, useConnection } from '../server/connection'
import type { CityDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { applyStyle, createBaseMap } from './createBaseMap'
import { mapWords } from './mapWords'
import { styleChanged } from './picking'

/** A tile that nobody answered for is the banner's matter; anything else is a defect and belongs in the console. */
export function listenForFaults(map: MapLibre): void {
  map.on('error', ({ error }) => {
    if (/abort/i.test(error.message)) return
    if (isUnanswered(error)) useConnection.getState().lost()
    else console.error(error)
  })
}

export function useMapInstance(container: RefObject<HTMLDivElement | null>, city: CityDocument | null, style: StyleSpecification | null) {
  const [map, setMap] = useState<MapLibre | null>(null)
  const [problem, setProblem] = useState<unknown>(null)
  const applied = useRef<StyleSpecification | null>(null)
  const t = useWords(mapWords)
  // Once ready, always: a style that is not there for a moment must not take the map away.
  const once = useRef(false)
  once.current ||= city !== null && style !== null
  const ready = once.current

  useEffect(() => {
    if (!ready || !container.current) return
    const { view, language } = useAddress.getState()
    let made: MapLibre
    try {
      made = createBaseMap(container.current, { style: style!, language, view, bounds: city!.bounds })
    } catch {
      setProblem({ what: t('noWebgl'), remedy: t('noWebglRemedy') })
      return
    }
    applied.current = style
    listenForFaults(made)
    made.on('styledata', styleChanged)
    made.once('style.load', () => setMap(made))
    made.once('load', () => performance.mark('map-drawn')) // read by the test of the first map's time
    return () => {
      setMap(null)
      made.remove()
    }
    // Made once: later styles come by difference below, later cities by their tiles.
  }, [ready]) // eslint-disable-line

  useEffect(() => {
    if (!map || !style || applied.current === style) return
    applied.current = style
    applyStyle(map, style)
    styleChanged()
  }, [map, style])
  return { map, problem }
}
