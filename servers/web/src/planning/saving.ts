// Saving a plan that somebody else may save too: what can happen, as a pure reducer.
import { Problem } from '../server/client'
import type { PlanDocument } from '../server/documents'

export type Saving =
  | { step: 'idle'; justSaved: number | null }
  | { step: 'saving' }
  /** Somebody saved another version: both are shown, and a person chooses. */
  | { step: 'conflict'; newest: PlanDocument }
  /** A new plan's name is taken by another one. */
  | { step: 'taken' }
  | { step: 'failed'; problem: unknown }

export type SavingEvent =
  | { kind: 'asked' }
  | { kind: 'saved'; document: PlanDocument }
  | { kind: 'refused'; problem: unknown }
  /** The newest version, learned after a refusal that did not bring it along. */
  | { kind: 'learned'; newest: PlanDocument }
  /** The conflict is resolved. */
  | { kind: 'settled' }
  /** Another plan is open now. */
  | { kind: 'switched' }
  | { kind: 'edited' }

export const IDLE: Saving = { step: 'idle', justSaved: null }

function refused(problem: unknown): Saving {
  if (problem instanceof Problem) {
    const newest = problem.content.newest as PlanDocument | undefined
    if (problem.code === 'plan.edited_meanwhile' && newest) return { step: 'conflict', newest }
    if (problem.code === 'plan.name_taken') return { step: 'taken' }
  }
  return { step: 'failed', problem }
}

export function saving(state: Saving, event: SavingEvent): Saving {
  switch (event.kind) {
    case 'asked':
      return state.step === 'saving' ? state : { step: 'saving' }
    case 'saved':
      return { step: 'idle', justSaved: event.document.version }
    case 'refused':
      return refused(event.problem)
    case 'learned':
      return { step: 'conflict', newest: event.newest }
    case 'settled':
      return IDLE
    case 'switched':
      return state.step === 'saving' ? state : IDLE // a save on its way still says how it ended
    case 'edited':
      // typing on does not make a conflict go away; a refusal was about an older state
      return state.step === 'failed' || state.step === 'taken' ? IDLE : state
  }
}

/** Whether the newest version must be asked for before both can be shown. */
export function needsNewest(problem: unknown): boolean {
  return problem instanceof Problem && problem.code === 'plan.edited_meanwhile' && !problem.content.newest
}
