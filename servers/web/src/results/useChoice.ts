// What of an open result is shown on the map, as the address asks; panel and map agree by asking here.
import { useMemo } from 'react'
import type { ComparedLayer, ComparisonDocument, ResultLayer, RunDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { NO_DECLARATION, chooseLayer, showable, type Choice } from './layerChoice'

/** Columns of a run's layer that a map can show. */
export const runColumns = (layer: ResultLayer) => showable(layer.columns)
/** Compared columns of a comparison's layer that a map can show. */
export const comparedColumns = (layer: ComparedLayer) => showable(layer.columns_stats, layer.columns)

export function useRunChoice(run: RunDocument | undefined): Choice {
  const layer = useAddress((address) => address.layer)
  const column = useAddress((address) => address.column)
  return useMemo(() => (run ? chooseLayer(run.layers, run.declaration ?? NO_DECLARATION, runColumns, { layer, column }) : null), [run, layer, column])
}

export function useComparisonChoice(comparison: ComparisonDocument | undefined): Choice {
  const layer = useAddress((address) => address.layer)
  const column = useAddress((address) => address.column)
  return useMemo(
    () => (comparison ? chooseLayer(comparison.layers, comparison.declaration ?? NO_DECLARATION, comparedColumns, { layer, column }) : null),
    [comparison, layer, column],
  )
}
