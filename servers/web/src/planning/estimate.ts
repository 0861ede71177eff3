// How long a question may take, from what earlier runs took.
import { queryOptions } from '@tanstack/react-query'
import { getJson } from '../server/client'
import type { RunSummary } from '../server/documents'
import { sameContent } from './planContent'

export function runsQuery(analysis: string) {
  return queryOptions({
    queryKey: ['recent runs', analysis], enabled: analysis !== '', staleTime: 10_000,
    queryFn: async ({ signal }) =>
      (await getJson<{ runs: RunSummary[] }>(`/api/runs?analysis=${encodeURIComponent(analysis)}&limit=20`, signal)).runs,
  })
}

function median(values: number[]): number | null {
  if (values.length === 0) return null
  const sorted = [...values].sort((one, other) => one - other)
  const middle = sorted.length >> 1
  return sorted.length % 2 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2
}

/** Whether a run was asked with these parameters (what is not given is as it was). */
function hasParameters(run: RunSummary, parameters: Record<string, unknown>): boolean {
  return Object.entries(parameters).every(([name, value]) => sameContent(run.parameters[name], value))
}

/** Seconds one run takes: of runs with the same parameters where there are any, else of all. Null: never run. */
export function secondsOfRun(runs: RunSummary[], parameters: Record<string, unknown>): number | null {
  const alike = runs.filter((run) => hasParameters(run, parameters))
  return median((alike.length ? alike : runs).map((run) => run.seconds))
}

/** A comparison runs both sides with every seed. */
export function runsOfComparison(seeds: number, stochastic: boolean): number {
  return 2 * (stochastic ? seeds : 1)
}
