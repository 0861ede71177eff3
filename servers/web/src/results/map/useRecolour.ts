// Results about areas that stand up from the ground: the base map's own shapes take the result's colours.
import { useMemo } from 'react'
import type { ExpressionSpecification } from 'maplibre-gl'
import { useCollections } from '../../server/cityQueries'
import type { Theme } from '../../state/address'
import { useRows } from '../queries'
import { QUIET } from '../scales/palette'
import { MOST_RECOLOURED, recolourById } from '../scales/recolour'
import type { Scale } from '../scales/scale'

type Shown = { href: string; rows: number; column: string; clear?: string; scale: Scale }

/** Colours by id for the features of `collection`, where they are areas and not too many; null: draw the rows themselves. */
export function useRecolour(collection: string | null, shown: Shown | null, theme: Theme): ExpressionSpecification | null {
  const known = useCollections().data?.find((one) => one.id === collection)
  const wanted = shown !== null && known?.geometry === 'Polygon' && shown.rows <= MOST_RECOLOURED
  const rows = useRows(wanted ? shown.href : null, shown ? [shown.column, ...(shown.clear ? [shown.clear] : [])] : []).data
  return useMemo(
    () => (wanted && rows ? recolourById(rows, shown.scale, shown.column, shown.clear, QUIET[theme]) : null),
    [wanted, rows, shown, theme],
  )
}
