// What was filled in for a question, kept in the browser: a form is never lost.
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import { guardedStorage } from './guardedStorage'

/** Everything about a question that is not the plan it is asked about. */
export type AskForm = {
  analysis: string
  /** Undefined: not chosen yet. */
  plan: string | undefined
  against: string
  seed: number
  seeds: number
}

type Values = Record<string, unknown>
type Store = {
  /** Parameters that differ from the defaults, by analysis. */
  parameters: Record<string, Values>
  /** By place: a plan, or a scene. */
  forms: Record<string, Partial<AskForm>>
  setParameters: (analysis: string, values: Values) => void
  setForm: (place: string, change: Partial<AskForm>) => void
  /** A place has another name from now on. */
  moveForm: (from: string, to: string) => void
}

const MOST_FORMS = 100

export const useAskMemory = create<Store>()(
  persist(
    (set) => ({
      parameters: {},
      forms: {},
      setParameters: (analysis, values) => set((store) => ({ parameters: { ...store.parameters, [analysis]: values } })),
      setForm: (place, change) =>
        set(({ forms: { [place]: before, ...others } }) => {
          const kept = Object.entries(others).slice(1 - MOST_FORMS) // the ones longest untouched go
          return { forms: { ...Object.fromEntries(kept), [place]: { ...before, ...change } } }
        }),
      moveForm: (from, to) =>
        set(({ forms: { [from]: moved, ...others } }) => (moved && from !== to ? { forms: { ...others, [to]: moved } } : {})),
    }),
    { name: 'cim.questions', storage: createJSONStorage(() => guardedStorage) },
  ),
)

const NOTHING: Values = {}
const NO_FORM: Partial<AskForm> = {}

export function useParameters(analysis: string): Values {
  return useAskMemory((store) => store.parameters[analysis] ?? NOTHING)
}

export function useAskForm(place: string): AskForm {
  const kept = useAskMemory((store) => store.forms[place] ?? NO_FORM)
  return { analysis: '', plan: undefined, against: '', seed: 1, seeds: 5, ...kept }
}
