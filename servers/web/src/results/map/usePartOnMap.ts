// One part of a comparison, ready for a map: its style, also where the base map's own shapes take its colours.
import { useMemo } from 'react'
import type { Legend, StyleLayers } from '../../map/mapStore'
import { useLanguage } from '../../language/words'
import { useAddress } from '../../state/address'
import { resultLayers } from '../scales/resultStyle'
import { partOnMap, type Part, type Shown } from './comparisonLayers'
import { useRecolour } from './useRecolour'

/** Null while there is nothing to show, or for no part. */
export function usePartOnMap(key: string, part: Part | null, shown: Shown | null, collection: string | null): { style: StyleLayers; legend: Legend } | null {
  const theme = useAddress((address) => address.theme)
  const language = useLanguage()
  const found = useMemo(
    () => (shown && part ? partOnMap(key, part, shown, theme, language, collection) : null),
    [key, part, shown, theme, language, collection],
  )
  const stand = useMemo(() => {
    if (!found || !shown) return null
    const { column, clear, scale } = found.drawn
    return { href: shown.layer.href, rows: shown.layer.rows, column, clear, scale }
  }, [found, shown])
  const recolour = useRecolour(collection, stand, theme)
  return useMemo(() => found && { style: resultLayers({ ...found.drawn, recolour }), legend: found.legend }, [found, recolour])
}
