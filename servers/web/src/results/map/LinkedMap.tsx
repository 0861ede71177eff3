// A second map whose camera is tied to the first: the baseline beside or over the plan.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useMemo, useRef, useState, type CSSProperties } from 'react'
import { applyStyle, createBaseMap, linkCameras } from '../../map/createBaseMap'
import { useMapStore, type StyleLayers } from '../../map/mapStore'
import { styleChanged } from '../../map/picking'
import { useMapStyle } from '../../map/useBaseStyle'
import { useCustomLayers } from '../../map/useCustomLayers'
import { listenForFaults } from '../../map/useMapInstance'
import { usePointer } from '../../map/usePointer'
import { useLanguage } from '../../language/words'
import { useShapes } from './useShapes'

type Props = {
  main: MapLibre
  /** What the second map shows in the place of the first one's piece of the key `replaces`. */
  replaces: string
  piece: StyleLayers
  label: string
  /** How much of the width it covers, from the left. */
  share: number
  style?: CSSProperties
  className?: string
  onMap?: (map: MapLibre | null) => void
}

export function LinkedMap({ main, replaces, piece, label, share, style, className, onMap }: Props) {
  const container = useRef<HTMLDivElement>(null)
  const [map, setMap] = useState<MapLibre | null>(null)
  const language = useLanguage()
  const ours = useMapStore((store) => store.style)
  const pieces = useMemo(() => ({ ...ours, [replaces]: piece }), [ours, replaces, piece])
  const composed = useMapStyle(pieces).style
  const applied = useRef(composed)
  const ready = composed !== null
  useEffect(() => {
    if (!ready) return
    const second = createBaseMap(container.current!, { style: composed, language, view: null, bounds: null })
    applied.current = composed
    listenForFaults(second)
    second.on('styledata', styleChanged)
    const untie = linkCameras(main, second)
    second.once('style.load', () => setMap(second))
    onMap?.(second)
    return () => {
      untie()
      setMap(null)
      onMap?.(null)
      second.remove()
    }
  }, [main, ready]) // eslint-disable-line -- later styles come by difference, below
  useEffect(() => {
    if (!map || !composed || applied.current === composed) return
    applied.current = composed
    applyStyle(map, composed)
    styleChanged()
  }, [map, composed])
  useEffect(() => map?.getCanvas().setAttribute('aria-label', label), [map, label])
  useEffect(() => {
    useMapStore.setState({ linked: map && { map, share } })
    return () => useMapStore.setState({ linked: null })
  }, [map, share])
  usePointer(map, null)
  useShapes(map)
  useCustomLayers(map, 'linked')
  return <div className={className} style={style} ref={container} />
}
