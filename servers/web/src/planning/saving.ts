// Saving a plan that somebody else may save too: what can happen, as a pure reducer. Each draft has a state of its own,
// so that what becomes of one is never shown, or answered, at another one.
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
  /** The conflict is resolved. */
  | { kind: 'settled' }
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
    case 'settled':
      return IDLE
    case 'edited':
      // typing on does not make a conflict go away; a refusal was about an older state
      return state.step === 'failed' || state.step === 'taken' ? IDLE : state
  }
}

/** By key of the draft. */
export type Savings = Record<string, Saving>

/** What happened to the draft of a key; a first save gives it its name as another key. */
export function savings(states: Savings, key: string, event: SavingEvent): Savings {
  const { [key]: before = IDLE, ...others } = states
  const after = saving(before, event)
  if (after === before && key in states) return states
  return { ...others, [event.kind === 'saved' ? event.document.name : key]: after }
}
