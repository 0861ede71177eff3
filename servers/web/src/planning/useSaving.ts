// Saving the open plan, and the ways out of a conflict. Nothing typed is lost on any of them.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useReducer, useRef } from 'react'
import type { Plan, PlanDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { useDraft, type Draft } from './draft'
import { freeName, nameFromTitle } from './planNames'
import { planQuery, plansQuery, putPlan } from './planQueries'
import { IDLE, needsNewest, saving, type Saving } from './saving'

export type SavingDoor = {
  state: Saving
  save: () => void
  saveAsNew: (title: string) => void
  takeTheirs: (theirs: PlanDocument) => void
  overwrite: (theirs: PlanDocument) => void
}

/** The name it is saved under: the one it has, or one made from its title that is not taken. */
export function nameToSave(plan: Plan, version: number | null, taken: string[]): string {
  if (version !== null || plan.plan) return plan.plan
  return freeName(nameFromTitle(plan.title ?? '') || 'plan', taken)
}

type Open = { key: string; draft: Draft }

const openNow = (): Open | null => {
  const { drafts, current: key } = useDraft.getState()
  return key !== null && drafts[key] ? { key, draft: drafts[key] } : null
}

export function useSaving(): SavingDoor {
  const queries = useQueryClient()
  const [state, tell] = useReducer(saving, IDLE)
  const current = useDraft((store) => store.current)
  const content = useDraft((store) => (store.current === null ? null : store.drafts[store.current]?.history.present))
  useEffect(() => tell({ kind: 'edited' }), [content])
  /** A first save gives the open plan its name: that is no other plan, and what was said of it holds. */
  const named = useRef<string | null>(null)
  useEffect(() => {
    if (current !== named.current) tell({ kind: 'switched' })
  }, [current])

  const put = useCallback(async ({ key, draft }: Open, version: number | null) => {
    tell({ kind: 'asked' })
    try {
      const taken = (await queries.ensureQueryData(plansQuery).catch(() => [])).map((one) => one.name)
      const plan = { ...draft.history.present, plan: nameToSave(draft.history.present, version, taken) }
      const document = await putPlan(plan, version)
      named.current = document.name
      useDraft.getState().saved(document, key)
      if (useDraft.getState().current === document.name) useAddress.getState().go({ plan: document.name })
      queries.setQueryData(planQuery(document.name).queryKey, document)
      void queries.invalidateQueries({ queryKey: plansQuery.queryKey })
      tell({ kind: 'saved', document })
    } catch (problem) {
      if (needsNewest(problem)) tell({ kind: 'learned', newest: await queries.fetchQuery(planQuery(draft.history.present.plan)) })
      else tell({ kind: 'refused', problem })
    }
  }, [queries])

  const save = useCallback(() => {
    const open = openNow()
    if (open) void put(open, open.draft.version)
  }, [put])
  const saveAsNew = useCallback((title: string) => {
    useDraft.getState().branch('', title)
    save()
  }, [save])
  const takeTheirs = useCallback((theirs: PlanDocument) => {
    useDraft.getState().open(theirs, true)
    tell({ kind: 'settled' })
  }, [])
  const overwrite = useCallback((theirs: PlanDocument) => {
    const open = openNow()
    if (open) void put(open, theirs.version)
  }, [put])
  return { state, save, saveAsNew, takeTheirs, overwrite }
}
