// What was filled in for a question, kept in the browser: a form is never lost.
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'

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
}

export const useAskMemory = create<Store>()(
  persist(
    (set) => ({
      parameters: {},
      forms: {},
      setParameters: (analysis, values) => set((store) => ({ parameters: { ...store.parameters, [analysis]: values } })),
      setForm: (place, change) =>
        set((store) => ({ forms: { ...store.forms, [place]: { ...store.forms[place], ...change } } })),
    }),
    { name: 'cim.questions', storage: createJSONStorage(() => localStorage) },
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
