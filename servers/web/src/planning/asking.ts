// Asking: a run or a comparison is started, and whoever started it sees how it goes.
import { create } from 'zustand'
import { createJSONStorage, persist } from 'zustand/middleware'
import { sendJson } from '../server/client'
import type { Job, Plan } from '../server/documents'
import type { Address } from '../state/address'
import { guardedStorage } from './guardedStorage'
import { useJobsStore } from './jobs/jobsStore'

export type Question = {
  kind: 'run' | 'comparison'
  analysis: string
  parameters: Record<string, unknown>
  /** As written now, saved or not; null: the city as it is. */
  plan: Plan | string | null
  /** Name of a saved plan; null: the city as it is. */
  against: string | null
  seed: number
  seeds: number
}

export type Asked = {
  question: Question
  /** Known once the server has it. */
  jobID: string | null
  problem: unknown
  /** Whether its result was shown. */
  shown: boolean
}

type Store = {
  /** What was started, by the place it was started at: a plan or an analysis. */
  asked: Record<string, Asked>
  /** By job, newest last: what to ask when it is to run again. */
  questions: [string, Question][]
}

const MOST_QUESTIONS = 50
const MOST_PLACES = 50

/** Kept in the browser: after a reload the progress stands where it was started. */
export const useAsked = create<Store>()(
  persist((): Store => ({ asked: {}, questions: [] }), {
    name: 'cim.asked', storage: createJSONStorage(() => guardedStorage),
    partialize: ({ asked, questions }) => ({
      // a question whose job is not known yet, or that was refused, is not worth keeping: its form is kept elsewhere
      asked: Object.fromEntries(Object.entries(asked).filter(([, one]) => one.jobID !== null)),
      questions,
    }),
  }),
)

/** Where questions about the open plan are asked; `key` is that of its draft. */
export function placeOfPlan(key: string): string {
  return `plan:${key}`
}

/** Where a place went that got another name while an answer was on its way to it. */
const movedTo = new Map<string, string>()

/** Change what stands at a place; nothing if it was taken away meanwhile. */
function put(place: string, change: Partial<Asked>): void {
  const now = movedTo.get(place) ?? place
  useAsked.setState(({ asked }) => (asked[now] ? { asked: { ...asked, [now]: { ...asked[now], ...change } } } : {}))
}

/** Begin anew at a place; the ones longest untouched go, so that the storage does not fill up. */
function begin(place: string, question: Question): void {
  movedTo.delete(place)
  useAsked.setState(({ asked: { [place]: _before, ...others } }) => {
    const kept = Object.entries(others).slice(1 - MOST_PLACES)
    return { asked: { ...Object.fromEntries(kept), [place]: { question, jobID: null, problem: null, shown: false } } }
  })
}

/** A place has another name from now on: a new plan was saved. Its progress, also of an answer on its way, goes along. */
export function moveAsked(from: string, to: string): void {
  if (from === to) return
  movedTo.set(from, to)
  useAsked.setState(({ asked: { [from]: moved, ...others } }) => (moved ? { asked: { ...others, [to]: moved } } : {}))
}

function remember(jobID: string, question: Question): void {
  useAsked.setState(({ questions }) => ({ questions: [...questions, [jobID, question] as [string, Question]].slice(-MOST_QUESTIONS) }))
}

/** What a job was asked, if it was asked in this browser. */
export function questionOf(jobID: string): Question | null {
  return useAsked.getState().questions.find(([id]) => id === jobID)?.[1] ?? null
}

/** A plan needs a name to be asked about; a draft may have none yet. */
function named(plan: Plan | string | null): Plan | string | null {
  return plan !== null && typeof plan === 'object' ? { ...plan, plan: plan.plan || 'draft' } : plan
}

function send({ kind, analysis, parameters, plan, against, seed, seeds }: Question): Promise<Job> {
  if (kind === 'run')
    return sendJson<Job>('POST', `/api/processes/${encodeURIComponent(analysis)}/execution`, { inputs: parameters, plan: named(plan), seed })
  return sendJson<Job>('POST', '/api/compare', { analysis, parameters, plan: named(plan) ?? 'baseline', against, seeds })
}

/** Start it; `place` shows its progress at once. */
export async function askIt(place: string, question: Question): Promise<void> {
  begin(place, question)
  try {
    const job = await send(question)
    useJobsStore.getState().hear(job)
    put(place, { jobID: job.jobID })
    remember(job.jobID, question)
  } catch (problem) {
    put(place, { problem })
  }
}

type ShowResult = Pick<Address, 'panel' | 'run' | 'comparison' | 'layer' | 'column'>

/** The address change that shows a run: what was chosen for the map in another result does not hold for it. */
export function showRun(run: string): ShowResult {
  return { panel: 'run', run, comparison: '', layer: '', column: '' }
}

/** The address change that shows a job's result; null while there is none. */
export function resultOf(job: Job): ShowResult | null {
  if (job.comparison) return { panel: 'comparison', run: '', comparison: job.comparison, layer: '', column: '' }
  return job.run ? showRun(job.run) : null
}

export function markShown(place: string): void {
  put(place, { shown: true })
}

export function forget(place: string): void {
  useAsked.setState(({ asked: { [place]: _gone, ...asked } }) => ({ asked }))
}
