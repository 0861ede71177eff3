// The plan that the panel shows: the one the address names, as the server has it, under what was changed here.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { useLive } from '../server/live'
import type { PlanDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { addressOf, isDirty, useDraft, useOpenDraft, type Draft } from './draft'
import { planQuery, plansQuery } from './planQueries'

export type OpenPlan = {
  draft: Draft | null
  /** The plan of the link cannot be had. */
  fault: unknown
  loading: boolean
  /** A version saved elsewhere that is newer than what the unsaved changes are based on. */
  newer: PlanDocument | null
}

export function useOpenPlan(): OpenPlan {
  const queries = useQueryClient()
  const named = useAddress((address) => address.plan)
  const current = useDraft((store) => store.current)
  const draft = useOpenDraft()
  const isNamed = named === '' || current === named
  const { data: newest, error, isPending } = useQuery({ ...planQuery(named), enabled: named !== '' })

  useEffect(() => {
    const { drafts, choose } = useDraft.getState()
    if (named !== '' && current !== named && named in drafts) choose(named)
  }, [named, current])
  useEffect(() => {
    if (!newest || newest.name !== named) return
    const kept = useDraft.getState().drafts[named] as Draft | undefined
    const outdated = kept && !isDirty(kept) && (kept.version ?? 0) < newest.version
    if (!kept || outdated) useDraft.getState().open(newest)
  }, [newest, named])
  // a link without a plan shows the one that is open here; the address then says which, where others can open it too
  useEffect(() => {
    const name = addressOf(current)
    if (named === '' && name !== '') useAddress.getState().go({ plan: name })
  }, [named, current])

  const heard = useCallback((event: { name: string }) => {
    void queries.invalidateQueries({ queryKey: plansQuery.queryKey, exact: true })
    void queries.invalidateQueries({ queryKey: ['plans', event.name] })
  }, [queries])
  useLive('plan', heard)

  const shown = isNamed ? draft : null
  const isBehind = shown && newest && newest.name === named && newest.version > (shown.version ?? 0) && isDirty(shown)
  return { draft: shown, fault: shown ? null : error, loading: !shown && named !== '' && isPending, newer: isBehind ? newest : null }
}
