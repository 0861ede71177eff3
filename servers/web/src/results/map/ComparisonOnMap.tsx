// A comparison on the map: the difference, either side, or both sides on two linked maps.
import type { Map as MapLibre } from 'maplibre-gl'
import { useEffect, useMemo, useState } from 'react'
import { useLegend, useMap, useStyleLayers } from '../../map/mapStore'
import { useLanguage } from '../../language/words'
import { useAddress } from '../../state/address'
import { columnOf } from '../layerChoice'
import { useComparison } from '../queries'
import { bothWith } from '../scales/legendOf'
import { sideNames } from '../sideNames'
import { useComparisonChoice } from '../useChoice'
import { LinkedMap } from './LinkedMap'
import { ResultTooltip } from './ResultTooltip'
import { SideSwitch } from './SideSwitch'
import { SwipeDivider, clampShare } from './SwipeDivider'
import { comparedLines, partsOf } from './comparisonLayers'
import { useFirstLook } from './useFirstLook'
import { usePartOnMap } from './usePartOnMap'
import { useRowCollection } from './useRowCollection'
import { useShapes } from './useShapes'

const KEY = 'result'
const SECOND = 'result-second'

/** The half that the second map takes is padding for the first: both show the same place in their middle. */
function useRoomBeside(map: MapLibre | null, beside: boolean): void {
  useEffect(() => {
    if (!map || !beside) return
    const make = () => map.setPadding({ top: 0, bottom: 0, right: 0, left: map.getContainer().clientWidth / 2 })
    make()
    map.on('resize', make)
    return () => {
      map.off('resize', make)
      map.setPadding({ top: 0, bottom: 0, right: 0, left: 0 })
    }
  }, [map, beside])
}

export function ComparisonOnMap({ id }: { id: string }) {
  const comparison = useComparison(id).data
  const map = useMap()
  const language = useLanguage()
  const side = useAddress((address) => address.side)
  const share = clampShare(useAddress((address) => address.swipe) ?? 0.5)
  const go = useAddress((address) => address.go)
  const [second, setSecond] = useState<MapLibre | null>(null)
  const choice = useComparisonChoice(comparison)
  const layer = comparison && choice ? comparison.layers[choice.layer] : null
  const declaredLayer = choice ? comparison?.declaration?.layers[choice.layer] : undefined
  const collection = useRowCollection(layer && declaredLayer?.ids !== 'seed' ? layer.href : null, declaredLayer?.geometry ?? '')
  const shown = useMemo(
    () => comparison && choice && layer
      ? { id, layer, name: choice.layer, geometry: declaredLayer?.geometry ?? 'Any', column: choice.column, declared: columnOf(declaredLayer?.columns, choice.column), stochastic: comparison.stochastic }
      : null,
    [comparison, choice, layer, declaredLayer, id],
  )
  const parts = partsOf(side)
  const main = usePartOnMap(KEY, parts.main, shown, collection)
  const other = usePartOnMap(SECOND, parts.second, shown, collection)
  const legend = useMemo(() => {
    if (!main || !shown) return null
    return parts.second ? { ...main.legend, title: bothWith('bothSides', { column: shown.declared.title }) } : main.legend
  }, [main, shown, parts.second])
  const names = comparison ? sideNames(comparison, language) : null
  const lines = useMemo(() => (shown ? comparedLines(shown.column, shown.declared) : []), [shown])
  useStyleLayers(KEY, main?.style ?? null)
  useLegend(KEY, legend)
  useShapes(map)
  useFirstLook(map, layer?.bounds ?? null)
  useRoomBeside(map, side === 'beside' && other !== null)
  if (!shown || !names) return null
  const clip = side === 'swipe' ? { clipPath: `inset(0 ${100 * (1 - share)}% 0 0)` } : undefined
  return (
    <div className="results-on-map">
      {map && main && other && (
        <LinkedMap key={side} main={map} replaces={KEY} piece={other.style} label={names.baseline} share={side === 'swipe' ? share : 0.5} className={`linked-map linked-map-${side}`} style={clip} onMap={setSecond} />
      )}
      {map && side === 'swipe' && other && <SwipeDivider share={share} onChange={(swipe) => go({ swipe })} />}
      {other && (
        <div className={`side-names side-names-${side}`} aria-hidden="true">
          <span title={names.baseline}>{names.baseline}</span>
          <span title={names.plan}>{names.plan}</span>
        </div>
      )}
      <SideSwitch />
      <ResultTooltip map={map} mapKey={KEY} rows={{ sourceLayer: shown.name, collection }} lines={lines} name={null} />
      {second && <ResultTooltip map={second} mapKey={SECOND} rows={{ sourceLayer: shown.name, collection }} lines={lines} name={null} />}
    </div>
  )
}
