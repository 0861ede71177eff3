// Keeps drafts in the browser's storage as they change, and hears what other tabs keep.
import type { StoreApi } from 'zustand'
import { getJson } from '../server/client'
import type { CityDocument } from '../server/documents'
import type { Draft, DraftStore } from './draft'
import * as memory from './draftMemory'

/** Drafts that came from another tab: they need not be written back. */
const heard = new WeakSet<Draft>()

/** Write every change of a draft to storage. */
export function keepDrafts(store: StoreApi<DraftStore>): void {
  store.subscribe((now, before) => {
    if (now.city === '') return
    const arrived = now.city !== before.city // what was begun before the city was known is written now
    for (const key of new Set([...Object.keys(now.drafts), ...Object.keys(before.drafts)])) {
      const draft: Draft | undefined = now.drafts[key]
      const isNew = draft !== before.drafts[key] || (arrived && draft !== undefined)
      if (isNew && !(draft && heard.has(draft))) memory.keepDraft(now.city, key, draft ?? null)
    }
    if (arrived || now.current !== before.current) memory.keepCurrent(now.city, now.current)
  })
}

/** Take over what another tab changes. What is discarded there stays here until it is closed. */
export function hearOtherTabs(store: StoreApi<DraftStore>): void {
  window.addEventListener('storage', (event) => {
    const { city } = store.getState()
    const key = city === '' ? null : memory.keyOf(city, event.key)
    const draft = memory.parseDraft(event.newValue)
    if (key === null || !draft) return
    heard.add(draft)
    store.setState((state) => ({ drafts: { ...state.drafts, [key]: draft } }))
  })
}

/** Learn which city it is: the one seen last until the server answers. */
export function learnCity(store: StoreApi<DraftStore>): void {
  const last = memory.lastCity()
  if (last) store.getState().attach(last)
  getJson<CityDocument>('/api/city')
    .then((city) => store.getState().attach(city.id))
    .catch(() => setTimeout(() => learnCity(store), 5000))
}
