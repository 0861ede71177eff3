// The open plan and every other plan with unsaved changes. Each change is a step that can be taken back; all of it
// survives a reload and a server that went away.
import { create } from 'zustand'
import { defineWords, fill } from '../language/words'
import type { Measure, Plan, PlanDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { hearOtherTabs, keepDrafts, learnCity } from './draftKeeping'
import * as memory from './draftMemory'
import * as steps from './history'
import { sameContent, wholePlan } from './planContent'
import { momentForTitle } from './planNames'

const words = defineWords({ fresh: 'New plan {when}' }, { fresh: '新方案 {when}' })

export type Draft = {
  history: steps.History<Plan>
  /** Stays when a first save gives it a name: what the page holds open of it stays open. Absent in what older pages kept. */
  id?: string
  /** The version it was opened at; null if it was never saved. */
  version: number | null
  /** What that version says, to know whether anything changed. */
  saved: Plan | null
}

export type DraftStore = {
  /** Whose drafts these are. */
  city: string
  /** By key: the plan's name once saved, otherwise a key of its own. */
  drafts: Record<string, Draft>
  /** Key of the open one. */
  current: string | null
  /** Add to the open plan, or to a new one, and show it. */
  addMeasure: (measure: Measure) => void
  /** `about` names the field typed in: typing on is one step. */
  updateMeasure: (place: number, measure: Measure, about?: string) => void
  removeMeasure: (place: number) => void
  moveMeasure: (from: number, to: number) => void
  setTitle: (title: string) => void
  setNote: (note: string) => void
  /** Name of a plan never saved; no step: undo does not take it back. */
  setName: (name: string) => void
  undo: () => void
  redo: () => void
  /** Begin an empty plan; returns its key. */
  begin: () => string
  /** Open a saved plan; unsaved changes to it that lie here are kept, unless `discard`. */
  open: (document: PlanDocument, discard?: boolean) => void
  /** Continue with another draft, or close (null). */
  choose: (key: string | null) => void
  /** The server has it now; `key` is where the draft lay when it was sent (the open one by default). */
  saved: (document: PlanDocument, key?: string) => void
  /** Continue under another name, as a plan never saved; the plan it came from stays as it is on the server. */
  branch: (name: string, title: string) => void
  discard: (key: string) => void
  attach: (city: string) => void
}

const NEW = 'new:'

/** Whether it differs from what is saved (a plan that was never touched has nothing to lose). */
export function isDirty(draft: Draft): boolean {
  const { present, past } = draft.history
  return draft.saved ? !sameContent(present, draft.saved) : present.measures.length > 0 || past.length > 0
}

/** What the address says of a draft: the name of a saved plan; nothing of one that only this browser knows. */
export function addressOf(key: string | null): string {
  return key === null || key.startsWith(NEW) ? '' : key
}

/** Plans with changes that the server does not have, by key. */
export function unsavedDrafts(drafts: Record<string, Draft>): [string, Draft][] {
  return Object.entries(drafts).filter(([, draft]) => isDirty(draft))
}

function openedAt(document: PlanDocument): Draft {
  const plan = wholePlan(document.plan)
  return { id: `${document.name}@${document.version}`, history: steps.begin(plan), version: document.version, saved: plan }
}

function freshDraft(id: string, now: Date): Draft {
  const title = fill(words[useAddress.getState().language].fresh, { when: momentForTitle(now) })
  return { id, history: steps.begin(wholePlan({ plan: '', title, measures: [] })), version: null, saved: null }
}

const keyOfNew = (store: DraftStore) => `${NEW}${Date.now()}-${Object.keys(store.drafts).length}`
const openDraft = (store: DraftStore) => (store.current === null ? undefined : store.drafts[store.current])

/** The store with a draft (the open one) replaced, under another key if one is given; unchanged if there is none. */
function withDraft(
  store: DraftStore, edit: (draft: Draft) => Draft, key = store.current, from = store.current,
): Partial<DraftStore> {
  if (key === null || from === null || !store.drafts[from]) return {}
  const { [from]: draft, ...rest } = store.drafts
  return { drafts: { ...rest, [key]: edit(draft) }, current: store.current === from ? key : store.current }
}

function changed(store: DraftStore, edit: (plan: Plan) => Plan, about = ''): Partial<DraftStore> {
  return withDraft(store, (draft) => ({
    ...draft, history: steps.change(draft.history, edit(draft.history.present), about, Date.now()),
  }))
}

function measuresChanged(store: DraftStore, edit: (list: Measure[]) => Measure[], about = ''): Partial<DraftStore> {
  return changed(store, (plan) => ({ ...plan, measures: edit(plan.measures) }), about)
}

function moved<T>(list: T[], from: number, to: number): T[] {
  const rest = list.filter((_, place) => place !== from)
  return [...rest.slice(0, to), list[from], ...rest.slice(to)]
}

/** Without drafts that say what the server says, except the open one: they are asked for again when they are wanted. */
function withoutSettled(city: string, kept: memory.Kept): memory.Kept {
  const [settled, others] = [[], []] as [[string, Draft][], [string, Draft][]]
  for (const entry of Object.entries(kept.drafts)) (entry[0] === kept.current || isDirty(entry[1]) ? others : settled).push(entry)
  for (const [key] of settled) memory.keepDraft(city, key, null)
  return { ...kept, drafts: Object.fromEntries(others) }
}

/** A name holds for all steps: undo does not bring an earlier one back. */
const named = (draft: Draft, name: string): Draft => ({
  ...draft, history: steps.everywhere(draft.history, (plan) => ({ ...plan, plan: name })),
})

export const useDraft = create<DraftStore>((set, get) => ({
  city: '',
  drafts: {},
  current: null,
  addMeasure: (measure) => {
    if (!openDraft(get())) get().begin()
    set((store) => measuresChanged(store, (list) => [...list, measure]))
    useAddress.getState().go({ panel: 'plan', plan: addressOf(get().current) }, true)
  },
  updateMeasure: (place, measure, about = '') =>
    set((store) =>
      measuresChanged(
        store, (list) => list.map((old, at) => (at === place ? measure : old)), about && `measure:${place}:${about}`,
      ),
    ),
  removeMeasure: (place) => set((store) => measuresChanged(store, (list) => list.filter((_, at) => at !== place))),
  moveMeasure: (from, to) => set((store) => measuresChanged(store, (list) => moved(list, from, to))),
  setTitle: (title) => set((store) => changed(store, (plan) => ({ ...plan, title }), 'title')),
  setNote: (note) => set((store) => changed(store, (plan) => ({ ...plan, note }), 'note')),
  setName: (name) => set((store) => withDraft(store, (draft) => named(draft, name))),
  undo: () => set((store) => withDraft(store, (draft) => ({ ...draft, history: steps.undo(draft.history) }))),
  redo: () => set((store) => withDraft(store, (draft) => ({ ...draft, history: steps.redo(draft.history) }))),
  begin: () => {
    const key = keyOfNew(get())
    set((store) => ({ drafts: { ...store.drafts, [key]: freshDraft(key, new Date()) }, current: key }))
    return key
  },
  open: (document, discard = false) =>
    set((store) => {
      const kept: Draft | undefined = store.drafts[document.name]
      const draft = kept && isDirty(kept) && !discard ? kept : openedAt(document)
      return { drafts: { ...store.drafts, [document.name]: draft }, current: document.name }
    }),
  choose: (key) => set((store) => ({ current: key !== null && key in store.drafts ? key : null })),
  saved: (document, key) =>
    set((store) => {
      const { version } = document
      const saved = wholePlan(document.plan)
      return withDraft(store, (draft) => ({ ...named(draft, document.name), version, saved }), document.name, key)
    }),
  branch: (name, title) =>
    set((store) => {
      const key = keyOfNew(store)
      return withDraft(store, (draft) => {
        const history = steps.change(draft.history, { ...draft.history.present, title })
        return named({ id: key, history, version: null, saved: null }, name)
      }, key)
    }),
  discard: (key) =>
    set((store) => {
      const { [key]: _gone, ...drafts } = store.drafts
      return { drafts, current: store.current === key ? null : store.current }
    }),
  attach: (city) => {
    const before = get()
    if (city === before.city) return
    const kept = withoutSettled(city, memory.recall(city))
    // what was begun before the city was known belongs to it
    const begun = before.city === '' ? before : { drafts: {}, current: null }
    set({ city, drafts: { ...kept.drafts, ...begun.drafts }, current: begun.current ?? kept.current })
    memory.rememberCity(city)
  },
}))

/** The open draft. */
export function useOpenDraft(): Draft | null {
  return useDraft((store) => openDraft(store) ?? null)
}

keepDrafts(useDraft)
if (typeof window !== 'undefined' && import.meta.env.MODE !== 'test') {
  hearOtherTabs(useDraft)
  learnCity(useDraft)
}
