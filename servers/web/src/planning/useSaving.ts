// Saving the open plan, and the ways out of a conflict. Nothing typed is lost on any of them.
import { useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect, useRef } from 'react'
import { create } from 'zustand'
import type { Plan, PlanDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { moveAsked, placeOfPlan } from './asking'
import { useAskMemory } from './askMemory'
import { useDraft, type Draft } from './draft'
import { freeName, nameFromTitle } from './planNames'
import { planQuery, plansQuery, putPlan } from './planQueries'
import { IDLE, savings, type Saving, type SavingEvent, type Savings } from './saving'

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

/** Kept while the page lives: a save that ends after its panel was closed says so when it is opened again. */
export const useSavings = create<Savings>(() => ({}))

const tell = (key: string, event: SavingEvent) => useSavings.setState((states) => savings(states, key, event), true)

/** What was said about a refused save holds until its plan is changed, not until another one is shown. */
function useEdits(): void {
  const current = useDraft((store) => store.current)
  const content = useDraft((store) => (store.current === null ? null : store.drafts[store.current]?.history.present))
  const seen = useRef({ current, content })
  useEffect(() => {
    const before = seen.current
    seen.current = { current, content }
    if (current !== null && before.current === current && before.content !== content) tell(current, { kind: 'edited' })
  }, [current, content])
}

/** A new plan has a name now: what was asked about it, and how, goes along. */
function takeAlong(key: string, name: string): void {
  moveAsked(placeOfPlan(key), placeOfPlan(name))
  useAskMemory.getState().moveForm(placeOfPlan(key), placeOfPlan(name))
}

export function useSaving(): SavingDoor {
  const queries = useQueryClient()
  const current = useDraft((store) => store.current)
  const state = useSavings((states) => (current === null ? IDLE : (states[current] ?? IDLE)))
  useEdits()

  const put = useCallback(async ({ key, draft }: Open, version: number | null) => {
    tell(key, { kind: 'asked' })
    try {
      const taken = (await queries.ensureQueryData(plansQuery).catch(() => [])).map((one) => one.name)
      const plan = { ...draft.history.present, plan: nameToSave(draft.history.present, version, taken) }
      const document = await putPlan(plan, version)
      takeAlong(key, document.name)
      useDraft.getState().saved(document, key)
      tell(key, { kind: 'saved', document })
      if (useDraft.getState().current === document.name) useAddress.getState().go({ plan: document.name })
      queries.setQueryData(planQuery(document.name).queryKey, document)
      void queries.invalidateQueries({ queryKey: plansQuery.queryKey })
    } catch (problem) {
      tell(key, { kind: 'refused', problem })
    }
  }, [queries])

  const save = useCallback(() => {
    const open = openNow()
    if (open) void put(open, open.draft.version)
  }, [put])
  const saveAsNew = useCallback((title: string) => {
    const open = openNow()
    useDraft.getState().branch('', title)
    if (open) tell(open.key, { kind: 'settled' })
    save()
  }, [save])
  const takeTheirs = useCallback((theirs: PlanDocument) => {
    useDraft.getState().open(theirs, true)
    tell(theirs.name, { kind: 'settled' })
  }, [])
  const overwrite = useCallback((theirs: PlanDocument) => {
    const open = openNow()
    if (open?.key === theirs.name) void put(open, theirs.version) // never over another plan
  }, [put])
  return { state, save, saveAsNew, takeTheirs, overwrite }
}
