// A run's layer on the map: one column as colour and width, with legend and tooltip.
import { useMemo } from 'react'
import { useLegend, useMap, useStyleLayers } from '../../map/mapStore'
import { useLanguage } from '../../language/words'
import { useAddress } from '../../state/address'
import { columnOf, nameColumn } from '../layerChoice'
import { useRun } from '../queries'
import { legendOf } from '../scales/legendOf'
import { resultLayers } from '../scales/resultStyle'
import { scaleOf } from '../scales/scale'
import { useRunChoice } from '../useChoice'
import { ResultTooltip, type TooltipLine } from './ResultTooltip'
import { useFirstLook } from './useFirstLook'
import { useRecolour } from './useRecolour'
import { useRowCollection } from './useRowCollection'
import { useShapes } from './useShapes'

const KEY = 'result'

export function RunOnMap({ id }: { id: string }) {
  const run = useRun(id).data
  const map = useMap()
  const theme = useAddress((address) => address.theme)
  const language = useLanguage()
  const choice = useRunChoice(run)
  const shown = run && choice ? run.layers[choice.layer] : null
  const declared = choice ? run?.declaration?.layers[choice.layer] : undefined
  const column = choice ? columnOf(declared?.columns, choice.column) : null
  const scale = useMemo(() => (shown && choice ? scaleOf(shown.columns[choice.column], theme) : null), [shown, choice, theme])
  const collection = useRowCollection(shown && declared?.ids === 'feature' ? shown.href : null, shown?.geometry ?? '')
  const stand = useMemo(() => (shown && choice && scale ? { href: shown.href, rows: shown.rows, column: choice.column, scale } : null), [shown, choice, scale])
  const recolour = useRecolour(collection, stand, theme)
  const style = useMemo(
    () => shown && choice && scale
      ? resultLayers({ key: KEY, tilejson: shown.tilejson, sourceLayer: choice.layer, geometry: shown.geometry, column: choice.column, scale, theme, collection, recolour })
      : null,
    [shown, choice, scale, theme, collection, recolour],
  )
  const legend = useMemo(() => (scale && column ? legendOf(scale, column.title, column.unit, theme, language, undefined, shown?.geometry === 'Point') : null), [shown, scale, column?.title, column?.unit, theme, language])
  const lines = useMemo<TooltipLine[]>(
    () => (choice && column ? [{ property: choice.column, title: column.title, unit: column.unit }] : []),
    [choice, column?.title, column?.unit],
  )
  useStyleLayers(KEY, style)
  useLegend(KEY, legend)
  useShapes(map)
  useFirstLook(map, shown?.bounds ?? null)
  return <ResultTooltip map={map} mapKey={KEY} rows={{ sourceLayer: choice?.layer ?? '', collection }} lines={lines} name={shown ? nameColumn(shown.columns) : null} />
}
