// The card of a feature: what it is, where it comes from, what was assumed. Asked by the panel and by the map.
import { useQuery } from '@tanstack/react-query'
import { useAddress } from '../state/address'
import { getJson } from './client'
import { atQuery } from './cityQueries'
import type { Card } from './documents'

/** An id with slashes stays one path: each part is quoted by itself. */
export function featurePath(collection: string, id: string): string {
  return `/api/collections/${encodeURIComponent(collection)}/items/${id.split('/').map(encodeURIComponent).join('/')}`
}

/** `selected` as in the address: `collection:id`; '' asks nothing. */
export function useCard(selected: string) {
  const at = useAddress((address) => address.at)
  const colon = selected.indexOf(':')
  return useQuery({
    queryKey: ['card', selected, at], enabled: colon > 0,
    queryFn: ({ signal }) => getJson<Card>(`${featurePath(selected.slice(0, colon), selected.slice(colon + 1))}/card${atQuery(at)}`, signal),
  })
}
