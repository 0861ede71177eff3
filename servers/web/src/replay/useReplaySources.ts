// Which runs are replayed: the one that is open, or the first pair of a comparison.
import { useMemo } from 'react'
import { useComparison, useRun } from '../results/queries'
import type { Declaration, RunDocument, Trajectories } from '../server/documents'
import { useAddress } from '../state/address'

export type SideName = 'baseline' | 'plan'
export type ReplaySource = { side: SideName; run: string; seed: number; trajectories: Trajectories | null; declaration: Declaration }

/** What can be replayed, baseline first; null while it is not known yet. */
export function useReplaySources(): ReplaySource[] | null {
  const run = useAddress((address) => address.run)
  const id = useAddress((address) => address.comparison)
  const shown = useAddress((address) => address.panel)
  const comparing = id !== '' && (shown === 'comparison' || run === '')
  const comparison = useComparison(comparing ? id : '').data
  const pair = comparison?.runs[0]
  const baseline = useRun(comparing ? (pair?.baseline ?? '') : '').data
  const plan = useRun(comparing ? (pair?.plan ?? '') : run).data
  return useMemo(() => {
    if (!plan || (comparing && !baseline)) return null
    const source = (side: SideName, one: RunDocument): ReplaySource => ({
      side, run: one.run, seed: one.seed, trajectories: one.trajectories, declaration: one.declaration,
    })
    return baseline && comparing ? [source('baseline', baseline), source('plan', plan)] : [source('plan', plan)]
  }, [plan, baseline, comparing])
}
