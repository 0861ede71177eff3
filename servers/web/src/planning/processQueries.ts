// Analyses as scenarios declare them.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { getJson } from '../server/client'
import type { ProcessDocument } from '../server/documents'

export function processQuery(id: string) {
  return queryOptions({
    queryKey: ['process', id], enabled: id !== '', staleTime: 300_000, retry: false,
    queryFn: ({ signal }) => getJson<ProcessDocument>(`/api/processes/${encodeURIComponent(id)}`, signal),
  })
}

export function useProcessDocument(id: string) {
  return useQuery(processQuery(id))
}
