// What people call a feature: the structure it is part of before its own name, its name before its id.
import { useQuery } from '@tanstack/react-query'
import { getJson } from '../server/client'
import { cardQuery } from '../server/cardQuery'
import type { Card, SearchResult } from '../server/documents'

/** Ids have digits and no letters beyond ASCII; names that people give mostly do. */
export function looksLikeId(value: string): boolean {
  return /^[\w:#/.~-]+$/.test(value) && /\d/.test(value)
}

/** What a plan should say of a feature: the structure's name (people close a bridge, not one of its six parts); else the id. */
export function nameForPlan(card: Card): string {
  return card.group?.name || card.id
}

export type NamedFeature = {
  /** As it is called, or the text itself. */
  title: string
  /** The street it is a part of, where the plan names one part only. */
  street: string | null
}

/** The name of what a plan's text names. */
export function useFeatureName(layer: string, value: string): NamedFeature {
  const isId = value !== '' && looksLikeId(value)
  const { data } = useQuery({ ...cardQuery(layer, value), enabled: isId, retry: false, staleTime: 60_000 })
  if (!isId || !data) return { title: value, street: null }
  return { title: data.name || data.group?.name || value, street: data.name || null }
}

/** Features of one layer by name. */
export function useFeatureSearch(layer: string, text: string) {
  const asked = text.trim()
  const path = `/api/search?q=${encodeURIComponent(asked)}&limit=50`
  return useQuery({
    queryKey: ['feature search', asked],
    queryFn: ({ signal }) => getJson<{ results: SearchResult[] }>(path, signal),
    enabled: asked.length > 0,
    select: ({ results }) => results.filter((one) => one.kind === 'feature' && one.collection === layer),
  })
}
