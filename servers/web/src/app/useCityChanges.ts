// When the city changes (an import on the command line, a correction), everything that shows it is asked again.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useState } from 'react'
import { useLive } from '../server/live'

const OF_THE_CITY = ['city', 'collections', 'tiles', 'elevation', 'versions', 'card', 'quality', 'corrections', 'search', 'processes']

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
  return newest
}
