// The row under the pointer: its name and its values with units.
import type { Map as MapLibre, MapGeoJSONFeature, MapMouseEvent } from 'maplibre-gl'
import { useEffect, useState } from 'react'
import { CITY_SOURCE } from '../../map/mapStore'
import { pickedOf } from '../../map/picking'
import { useLanguage, useText, useWords, type Language, type Text } from '../../language/words'
import { formatDifference, formatNumber, formatQuantity, shownValue } from '../../language/quantities'
import { isPointed } from '../scales/resultStyle'
import { words } from '../words'

export type TooltipLine = {
  property: string
  title: Text | string
  unit: string
  /** Write + before gains. */
  sign?: boolean
  /** Properties with the ends of its interval, and the one that says whether the row differs clearly. */
  interval?: [string, string]
  clear?: string
}
type Pointed = { x: number; y: number; name: string; properties: Record<string, unknown> }
/** The rows' layer within their tiles, and the collection that their ids name: what stands up is met by its walls and roof. */
type Rows = { sourceLayer: string; collection: string | null }
/** `name` is the property that names rows; without one, the feature of the city that they stand for has a name. */
type Props = { map: MapLibre | null; mapKey: string; rows: Rows; lines: TooltipLine[]; name: string | null }

const REACH = 4

/** The row at a place, and the name of the feature it stands for as the base map has it. */
function pointedRow(map: MapLibre, key: string, rows: Rows, name: string | null, language: Language, event: MapMouseEvent): Pointed | null {
  const { x, y } = event.point
  const near = map.queryRenderedFeatures([[x - REACH, y - REACH], [x + REACH, y + REACH]])
  const raised = near.find((feature) => feature.source === CITY_SOURCE && feature.layer.type === 'fill-extrusion' && feature.sourceLayer === rows.collection)
  const row = raised
    ? map.querySourceFeatures(key, { sourceLayer: rows.sourceLayer, filter: ['==', ['get', 'id'], raised.properties.id] })[0]
    : near.find((feature) => feature.source === key && isPointed(key, feature.layer.id))
  if (!row) return null
  const own = name ? row.properties[name] : undefined
  const base = near.find((feature) => feature.source === CITY_SOURCE && feature.properties.id === row.properties.id)
  const called = typeof own === 'string' && own ? own : base ? pickedOf(base as MapGeoJSONFeature, language, [0, 0]).name : ''
  return { x, y, name: called, properties: row.properties }
}

/** The row under the pointer, looked for at most once a frame. */
function usePointed(map: MapLibre | null, key: string, { sourceLayer, collection }: Rows, name: string | null, language: Language): Pointed | null {
  const [pointed, setPointed] = useState<Pointed | null>(null)
  useEffect(() => {
    if (!map) return
    let asked = 0
    const leave = () => {
      cancelAnimationFrame(asked)
      setPointed(null)
    }
    const move = (event: MapMouseEvent) => {
      cancelAnimationFrame(asked)
      if (event.originalEvent.buttons || map.isMoving()) return leave()
      asked = requestAnimationFrame(() => setPointed(pointedRow(map, key, { sourceLayer, collection }, name, language, event)))
    }
    map.on('mousemove', move)
    map.on('mouseout', leave)
    map.on('movestart', leave)
    return () => {
      leave()
      map.off('mousemove', move)
      map.off('mouseout', leave)
      map.off('movestart', leave)
    }
  }, [map, key, sourceLayer, collection, name, language])
  return pointed
}

function useShown() {
  const language = useLanguage()
  const t = useWords(words)
  return (value: unknown, unit: string, sign?: boolean): string => {
    if (value === null || value === undefined || value === '') return t('noValue')
    if (typeof value === 'boolean') return t(value ? 'yes' : 'no')
    if (typeof value !== 'number') return String(value)
    return sign ? formatDifference(value, unit, language) : formatQuantity(value, unit, language)
  }
}

export function ResultTooltip({ map, mapKey, rows, lines, name }: Props) {
  const t = useWords(words)
  const text = useText()
  const shown = useShown()
  const language = useLanguage()
  const pointed = usePointed(map, mapKey, rows, name, language)
  const bare = (value: unknown, unit: string) => (typeof value === 'number' ? formatNumber(shownValue(value, unit), language, true) : t('noValue'))
  if (!map || !pointed) return null
  const right = pointed.x > map.getContainer().clientWidth - 260
  return (
    <div className={`result-tooltip${right ? ' result-tooltip-left' : ''}`} style={{ left: pointed.x, top: pointed.y }} aria-hidden="true">
      <strong>{pointed.name || t('unnamed')}</strong>
      <dl>
        {lines.map((line) => {
          const [low, high] = (line.interval ?? []).map((end) => pointed.properties[end])
          return (
            <div key={line.property}>
              <dt>{text(line.title)}</dt>
              <dd className="numbers">
                {shown(pointed.properties[line.property], line.unit, line.sign)}
                {low !== undefined && high !== undefined && low !== high && (
                  <small>[{bare(low, line.unit)}, {bare(high, line.unit)}]</small>
                )}
                {line.clear && pointed.properties[line.property] !== undefined && !pointed.properties[line.clear] && <em>{t('unclear')}</em>}
              </dd>
            </div>
          )
        })}
      </dl>
    </div>
  )
}
