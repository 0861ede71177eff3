// Asking for results. A finished run or comparison never changes: it is asked for once.
import { useQuery, type UseQueryResult } from '@tanstack/react-query'
import { getJson } from '../server/client'
import type { ComparisonDocument, Feature, RunDocument, TableDocument } from '../server/documents'

const forever = { staleTime: Infinity, gcTime: 10 * 60_000 }

export function useRun(run: string): UseQueryResult<RunDocument> {
  return useQuery({ ...forever, queryKey: ['run', run], enabled: run !== '', queryFn: ({ signal }) => getJson<RunDocument>(`/api/runs/${encodeURIComponent(run)}`, signal) })
}

export function useComparison(id: string): UseQueryResult<ComparisonDocument> {
  return useQuery({ ...forever, queryKey: ['comparison', id], enabled: id !== '', queryFn: ({ signal }) => getJson<ComparisonDocument>(`/api/comparisons/${encodeURIComponent(id)}`, signal) })
}

export type TablePart = { limit?: number; offset?: number; columns?: string; sort?: string; sample?: number; seed?: number; class?: string }

/** Part of a table; `href` is the table's own address. */
export function useTable(href: string | null, part: TablePart): UseQueryResult<TableDocument> {
  const query = new URLSearchParams(Object.entries(part).filter(([, value]) => value !== undefined).map(([name, value]) => [name, String(value)]))
  return useQuery({
    ...forever, queryKey: ['table', href, query.toString()], enabled: href !== null,
    placeholderData: (before, asked) => (asked?.queryKey[1] === href ? before : undefined),
    queryFn: ({ signal }) => getJson<TableDocument>(`${href}?${query}`, signal),
  })
}

type Page = { features: Feature[]; links?: { rel: string; href: string }[]; numberMatched?: number }
const MOST_PAGES = 6

/** Rows of a result layer with the properties named; page by page up to 60,000 rows. */
async function rowsOf(href: string, properties: string[], signal: AbortSignal): Promise<Feature[]> {
  let next: string | undefined = `${href}?${new URLSearchParams({ limit: '10000', properties: properties.join(',') })}`
  const rows: Feature[] = []
  for (let page = 0; next && page < MOST_PAGES; page++) {
    const found: Page = await getJson<Page>(next, signal)
    rows.push(...found.features)
    const link = found.links?.find((one) => one.rel === 'next')?.href
    next = link && found.features.length ? pathOf(link) : undefined
  }
  return rows
}

/** The server may be known by another name from here: keep the path only. */
function pathOf(href: string): string {
  const url = new URL(href, location.href)
  return url.pathname + url.search
}

export function useRows(href: string | null, properties: string[]): UseQueryResult<Feature[]> {
  return useQuery({ ...forever, queryKey: ['rows', href, ...properties], enabled: href !== null, queryFn: ({ signal }) => rowsOf(href!, properties, signal) })
}
