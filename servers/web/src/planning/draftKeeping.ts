// Keeps drafts in the browser's storage as they change, and hears what other tabs keep.
import type { StoreApi } from 'zustand'
import { getJson } from '../server/client'
import type { CityDocument } from '../server/documents'
import type { Draft, DraftStore } from './draft'
import * as memory from './draftMemory'

/** Drafts that came from another tab: they need not be written back. */
const heard = new WeakSet<Draft>()

const QUIET_MS = 300

/** Changes of drafts that wait to be written: typing on is written once. */
function waitingRoom() {
  const waiting = new Map<string, () => void>()
  let timer: ReturnType<typeof setTimeout> | undefined
  const writeNow = () => {
    clearTimeout(timer)
    for (const write of waiting.values()) write()
    waiting.clear()
  }
  const writeSoon = (key: string, write: () => void) => {
    waiting.set(key, write)
    clearTimeout(timer)
    timer = setTimeout(writeNow, QUIET_MS)
  }
  return { writeSoon, writeNow, forget: (key: string) => waiting.delete(key) }
}

/** Write every change of a draft to storage: a moment after the last one, and at once when the page may go away. */
export function keepDrafts(store: StoreApi<DraftStore>): void {
  const { writeSoon, writeNow, forget } = waitingRoom()
  globalThis.addEventListener?.('pagehide', writeNow)
  globalThis.document?.addEventListener('visibilitychange', writeNow)
  store.subscribe((now, before) => {
    if (now.city !== before.city) writeNow() // what waits belongs to the city before
    if (now.city === '') return
    const arrived = now.city !== before.city // what was begun before the city was known is written now
    for (const key of new Set([...Object.keys(now.drafts), ...Object.keys(before.drafts)])) {
      const draft: Draft | undefined = now.drafts[key]
      const isNew = draft !== before.drafts[key] || (arrived && draft !== undefined)
      if (!isNew) continue
      if (draft && heard.has(draft)) forget(key) // what the other tab wrote is newer
      else writeSoon(key, () => memory.keepDraft(now.city, key, draft ?? null))
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
