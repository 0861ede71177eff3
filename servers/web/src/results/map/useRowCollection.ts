// Rows that stand for features of the city: which collection their ids name. Asked once per result layer.
import { useQuery } from '@tanstack/react-query'
import { getJson } from '../../server/client'
import type { Collection, Feature } from '../../server/documents'
import type { Language } from '../../language/words'
import { useCollections } from '../../server/cityQueries'

type Position = [number, number]

/** All positions of a geometry, however deep they lie. */
export function positionsOf(coordinates: unknown): Position[] {
  if (!Array.isArray(coordinates)) return []
  return typeof coordinates[0] === 'number' ? [coordinates as Position] : coordinates.flatMap(positionsOf)
}

/** Looks for the first row among the features at its place: asking for an id that is not there would be an error. */
async function find(href: string, geometry: string, collections: Collection[], signal: AbortSignal): Promise<string | null> {
  const [row] = (await getJson<{ features: Feature[] }>(`${href}?limit=1`, signal)).features
  const place = row && positionsOf(row.geometry?.coordinates)[0]
  if (!place) return null
  const near = 2e-5 // degrees, some two metres
  const box = [place[0] - near, place[1] - near, place[0] + near, place[1] + near].join(',')
  const alike = (one: Collection) => Number(one.geometry !== geometry)
  const candidates = collections.filter((one) => one.kind === 'feature' && one.rows > 0).sort((a, b) => alike(a) - alike(b))
  for (const { id } of candidates) {
    const found = await getJson<{ features: Feature[] }>(`/api/collections/${id}/items?bbox=${box}&limit=200`, signal)
    if (found.features.some((one) => String(one.id) === String(row.id))) return id
  }
  return null
}

/** The collection, or null while it is not known or if there is none. `href` is the rows' address; null asks nothing. */
export function useRowCollection(href: string | null, geometry: string): string | null {
  const collections = useCollections().data
  const found = useQuery({
    queryKey: ['row collection', href], enabled: href !== null && collections !== undefined, staleTime: Infinity, retry: false,
    queryFn: ({ signal }) => find(href!, geometry, collections!, signal),
  })
  return found.data ?? null
}

/** The name of a feature in the reader's language; '' where it has none. */
export function nameOf(properties: Record<string, unknown>, language: Language): string {
  const names = language === 'zh' ? ['name_zh', 'name', 'name_en'] : ['name_en', 'name', 'name_zh']
  return names.map((one) => properties[one]).find((one): one is string => typeof one === 'string' && one !== '') ?? ''
}

/** The name of a feature of the city, where it has one. */
export function useFeatureName(collection: string | null, id: string | null, language: Language): string | null {
  const found = useQuery({
    queryKey: ['feature name', collection, id], enabled: collection !== null && id !== null, staleTime: Infinity, retry: false,
    queryFn: async ({ signal }) => {
      return (await getJson<Feature>(`/api/collections/${collection}/items/${encodeURIComponent(id!)}`, signal)).properties
    },
  })
  return found.data ? nameOf(found.data, language) || null : null
}
