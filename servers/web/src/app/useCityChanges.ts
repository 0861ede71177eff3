// When the city changes (an import on the command line, a correction), everything that shows it is asked again; when the
// server comes back, or events were missed, everything is.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useState } from 'react'
import { useConnection } from '../server/connection'
import { useLive } from '../server/live'

/** First parts of the keys of what follows from the city. Results do not: they are of the version that they were made on. */
export const OF_THE_CITY = [
  'city', 'collections', 'tiles', 'elevation', 'versions', 'card', 'quality', 'corrections', 'search', 'scenarios',
  'processes', 'process', 'plan check', 'feature shape', 'feature name', 'feature search', 'row collection',
]

/** The newest version heard of since the page was opened; 0: none. */
export function useCityChanges(): number {
  const queries = useQueryClient()
  const [newest, setNewest] = useState(0)
  const heard = useCallback(
    (content: { sequence?: number }) => {
      const known = queries.getQueryData<{ sequence: number }>(['city'])?.sequence
      if (content.sequence === undefined || known === undefined || content.sequence <= known) return
      setNewest(content.sequence)
      for (const key of OF_THE_CITY) void queries.invalidateQueries({ queryKey: [key] })
    },
    [queries],
  )
  useLive('city', heard)
  useReading(useCallback(() => void queries.invalidateQueries(), [queries]))
  return newest
}

/** Read anew what is shown: once for each time the server comes back, and when it says that events were missed. */
function useReading(again: () => void): void {
  const returns = useConnection((connection) => connection.returns)
  useEffect(() => void (returns > 0 && again()), [returns, again])
  useLive('hello', useCallback((content: { resync?: boolean }) => void (content.resync && again()), [again]))
}
