// The card of a feature: what it is, where it comes from, what was assumed. Asked by the panel and by the map.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useAddress } from '../state/address'
import { getJson } from './client'
import { atQuery } from './cityQueries'
import type { Card } from './documents'

/** An id with slashes stays one path: each part is quoted by itself. */
export function featurePath(collection: string, id: string): string {
  return `/api/collections/${encodeURIComponent(collection)}/items/${id.split('/').map(encodeURIComponent).join('/')}`
}

/** The card as of a moment; '': now. One place of the cache for whoever asks. */
export function cardQuery(collection: string, id: string, at = '') {
  return queryOptions({
    queryKey: ['card', `${collection}:${id}`, at],
    queryFn: ({ signal }) => getJson<Card>(`${featurePath(collection, id)}/card${atQuery(at)}`, signal),
  })
}

/** `selected` as in the address: `collection:id`; '' asks nothing. */
export function useCard(selected: string) {
  const at = useAddress((address) => address.at)
  const colon = selected.indexOf(':')
  return useQuery({ ...cardQuery(selected.slice(0, colon), selected.slice(colon + 1), at), enabled: colon > 0 })
}
