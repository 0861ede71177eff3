// The map itself, and what lies on it: legend, marks, buttons.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useRef, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { isTransient } from '../server/client'
import { useCity } from '../server/cityQueries'
import { LegendBox } from './LegendBox'
import { MapButtons } from './MapButtons'
import { useMapStore } from './mapStore'
import { mapWords } from './mapWords'
import { PickingNote } from './PickingNote'
import { PrintedMap } from './PrintedMap'
import { ScaleBar } from './ScaleBar'
import { SelectionOnMap } from './SelectionOnMap'
import { SyntheticMark } from './SyntheticMark'
import { useCameraAddress } from './useCameraAddress'
import { useCustomLayers } from './useCustomLayers'
import { useMapInstance } from './useMapInstance'
import { useMapStyle } from './useBaseStyle'
import { usePointer } from './usePointer'

export default function MapCanvas() {
  const t = useWords(mapWords)
  const container = useRef<HTMLDivElement>(null)
  const [tip, setTip] = useState<HTMLDivElement | null>(null)
  const city = useCity()
  const { style, fault } = useMapStyle()
  const { map, problem } = useMapInstance(container, city.data ?? null, style)
  useShared(map)
  usePointer(map, tip)
  useCustomLayers(map, 'main')
  useCameraAddress(map)
  // A map that is drawn stays in sight: that the server is away is the banner's matter, a moment it does not know is told above.
  const bad = map ? null : (problem ?? city.error ?? fault)
  const odd = map && fault && !isTransient(fault) ? fault : null
  return (
    <>
      <div className="map-canvas" ref={container} />
      <div className="map-tip" ref={setTip} hidden />
      <div className="map-centre" aria-hidden="true" />
      {bad ? <div className="map-note"><ProblemNotice problem={bad} retry={problem ? undefined : () => void city.refetch()} /></div> : null}
      {odd ? <div className="map-note map-note-high"><ProblemNotice problem={odd} /></div> : null}
      {!bad && !map && <p className="map-note" role="status">{t('loading')}</p>}
      {city.data?.bounds === null && !bad && (
        <div className="map-note" role="status">
          <strong>{t('empty')}</strong>
          <br />
          {t('emptyRemedy')}
        </div>
      )}
      <div className="map-corner">
        {city.data?.synthetic && <SyntheticMark />}
        <LegendBox />
        {map && <ScaleBar map={map} />}
      </div>
      {city.data && city.data.attribution.length > 0 && <p className="map-sources"><span className="visually-hidden">{t('attribution')}: </span>{city.data.attribution.join(' · ')}</p>}
      {map && <MapButtons map={map} />}
      {map && <PrintedMap map={map} />}
      <PickingNote />
      <SelectionOnMap />
    </>
  )
}

/** Other rooms find the map in the store; its words follow the language. */
function useShared(map: MapLibre | null): void {
  const t = useWords(mapWords)
  useEffect(() => {
    useMapStore.setState({ map })
    return () => useMapStore.setState({ map: null })
  }, [map])
  const help = t('mapHelp')
  useEffect(() => {
    map?.getCanvas().setAttribute('aria-label', help)
  }, [map, help])
}
