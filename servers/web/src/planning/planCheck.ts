// The live check: each measure by itself, so that a fault stands at its measure; then the plan as a whole.
import { useQueries, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useState } from 'react'
import { Problem, sendJson } from '../server/client'
import type { Measure, MeasureDocument, Plan, PlanCheck, PlanEdit } from '../server/documents'
import { missingFields } from './measureTypes'

const QUIET_MS = 300

/** The value once it has not changed for a moment. */
export function useSettled<T>(value: T, quietMs = QUIET_MS): T {
  const [settled, setSettled] = useState(value)
  useEffect(() => {
    const timer = setTimeout(() => setSettled(value), quietMs)
    return () => clearTimeout(timer)
  }, [value, quietMs])
  return settled
}

/** What a plan does not fit by is no failure of the asking: it is kept as an answer. */
type Answer = { check: PlanCheck | null; problem: Problem | null }

async function ask(plan: Plan, signal: AbortSignal): Promise<Answer> {
  try {
    signal.throwIfAborted()
    return { check: await sendJson<PlanCheck>('POST', '/api/plans/check', plan), problem: null }
  } catch (problem) {
    if (problem instanceof Problem && problem.content.status >= 400 && problem.content.status < 500) return { check: null, problem }
    throw problem
  }
}

function checkQuery(measures: Measure[], enabled: boolean) {
  return {
    queryKey: ['plan check', measures], enabled, staleTime: 60_000, retry: false,
    queryFn: ({ signal }: { signal: AbortSignal }) => ask({ plan: 'check', measures }, signal),
  }
}

export type MeasureState =
  | { kind: 'incomplete'; fields: string[] }
  | { kind: 'checking' }
  | { kind: 'fits'; edits: PlanEdit[] }
  | { kind: 'faulty'; problem: unknown }

export type PlanState = {
  measures: MeasureState[]
  /** What is wrong with the plan as a whole: measures that contradict each other. */
  problem: unknown
  edits: PlanEdit[]
  /** Whether it can be saved and run. */
  sound: boolean
  checking: boolean
}

function stateOf(measure: Measure, type: MeasureDocument | undefined, result: { data?: Answer; error: unknown }): MeasureState {
  const missing = type ? missingFields(measure, type) : []
  if (missing.length > 0) return { kind: 'incomplete', fields: missing }
  if (result.error) return { kind: 'faulty', problem: result.error }
  if (!result.data) return { kind: 'checking' }
  return result.data.check ? { kind: 'fits', edits: result.data.check.edits } : { kind: 'faulty', problem: result.data.problem }
}

/** Outside the component: the same answers then make the same array. */
function combine(results: { data?: Answer; error: unknown }[]): { data?: Answer; error: unknown }[] {
  return results.map(({ data, error }) => ({ data, error }))
}

/** Check the plan as it is typed. Measures that are not filled in yet are not asked about. */
export function usePlanCheck(measures: Measure[], types: Map<string, MeasureDocument> | undefined): PlanState {
  const settled = useSettled(measures)
  const isReady = (measure: Measure) => {
    const type = types?.get(measure.type)
    return types !== undefined && (!type || missingFields(measure, type).length === 0)
  }
  const single = useQueries({ queries: settled.map((measure) => checkQuery([measure], isReady(measure))), combine })
  const fitting = single.length > 0 && single.every((one) => one.data?.check)
  const whole = useQuery(checkQuery(settled, fitting && settled.length > 1))
  const waits = settled !== measures
  return useMemo(() => {
    const states = measures.map((measure, place): MeasureState => {
      const asked = settled[place] === measure ? single[place] : { error: null }
      return stateOf(measure, types?.get(measure.type), asked)
    })
    const edits = states.flatMap((state, place) => (state.kind === 'fits' ? state.edits.map((edit) => ({ ...edit, measure: place })) : []))
    const problem = whole.data?.problem ?? null
    const allFit = states.every((state) => state.kind === 'fits')
    const checking = waits || states.some((state) => state.kind === 'checking')
    return { measures: states, problem, edits, checking, sound: allFit && problem === null }
  }, [measures, settled, types, whole.data, waits, single])
}
