// Saved plans, as the server has them.
import { queryOptions } from '@tanstack/react-query'
import { ask, getJson, sendJson } from '../server/client'
import type { Measure, Plan, PlanDocument, PlanSummary } from '../server/documents'

export type PlanVersionEntry = PlanSummary & { hash: string }
export type PlanDifference = { before: number; after: number; added: Measure[]; removed: Measure[] }

const pathOf = (name: string) => `/api/plans/${encodeURIComponent(name)}`

export const plansQuery = queryOptions({
  queryKey: ['plans'],
  queryFn: async ({ signal }) => (await getJson<{ plans: PlanSummary[] }>('/api/plans', signal)).plans,
})

export function planQuery(name: string) {
  return queryOptions({
    queryKey: ['plans', name], queryFn: ({ signal }) => getJson<PlanDocument>(pathOf(name), signal), staleTime: 0,
  })
}

export function versionsQuery(name: string) {
  return queryOptions({
    queryKey: ['plans', name, 'versions'],
    queryFn: async ({ signal }) => (await getJson<{ versions: PlanVersionEntry[] }>(`${pathOf(name)}/versions`, signal)).versions,
  })
}

export function differenceQuery(name: string, after: number) {
  return queryOptions({
    queryKey: ['plans', name, 'diff', after],
    queryFn: ({ signal }) => getJson<PlanDifference>(`${pathOf(name)}/diff?before=${after - 1}&after=${after}`, signal),
    staleTime: Infinity,
  })
}

/** Save on top of `version`; null: a plan that is not there yet. Raises Problem 412 or 409 if that is not so. */
export async function putPlan(plan: Plan, version: number | null): Promise<PlanDocument> {
  const condition: Record<string, string> = version === null ? { 'If-None-Match': '*' } : { 'If-Match': `"${version}"` }
  return sendJson<PlanDocument>('PUT', pathOf(plan.plan), plan, condition)
}

export async function undoPlan(name: string, version: number): Promise<PlanDocument> {
  const response = await ask(`${pathOf(name)}/undo`, { method: 'POST', headers: { 'If-Match': `"${version}"` } })
  return response.json() as Promise<PlanDocument>
}

export function duplicatePlan(name: string, as: string, title: string): Promise<PlanDocument> {
  return sendJson<PlanDocument>('POST', `${pathOf(name)}/duplicate`, { name: as, title })
}
