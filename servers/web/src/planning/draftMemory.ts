// Where drafts outlive the page: one entry of the browser's storage for each, so that two tabs do not overwrite each other.
import type { Draft } from './draft'
import { attempt } from './guardedStorage'

const CITY = 'cim.city'
const PREFIX = 'cim.draft.'
const CURRENT = 'cim.draft-open.'
const MOST_STEPS = 40

export type Kept = { drafts: Record<string, Draft>; current: string | null }

export function lastCity(): string {
  return attempt(() => localStorage.getItem(CITY) ?? '', '')
}

export function rememberCity(city: string): void {
  attempt(() => localStorage.setItem(CITY, city), undefined)
}

const prefixOf = (city: string) => `${PREFIX}${city}/`

/** A draft from storage; null for anything else that lies there. */
export function parseDraft(text: string | null): Draft | null {
  const draft = attempt(() => JSON.parse(text ?? 'null') as Draft | null, null)
  return draft && Array.isArray(draft.history?.present?.measures) && Array.isArray(draft.history.past) ? draft : null
}

export function recall(city: string): Kept {
  return attempt(() => {
    const drafts: Record<string, Draft> = {}
    for (let place = 0; place < localStorage.length; place += 1) {
      const key = localStorage.key(place) ?? ''
      const draft = key.startsWith(prefixOf(city)) ? parseDraft(localStorage.getItem(key)) : null
      if (draft) drafts[key.slice(prefixOf(city).length)] = draft
    }
    const current = sessionStorage.getItem(CURRENT + city) ?? localStorage.getItem(CURRENT + city)
    return { drafts, current: current && current in drafts ? current : null }
  }, { drafts: {}, current: null })
}

/** Each step is a whole plan: after a reload fewer of them can be taken back. */
function withSteps(draft: Draft, most: number): Draft {
  const { past, future } = draft.history
  if (past.length <= most && future.length <= most) return draft
  return { ...draft, history: { ...draft.history, past: most ? past.slice(-most) : [], future: future.slice(0, most) } }
}

export function keepDraft(city: string, key: string, draft: Draft | null): void {
  const entry = prefixOf(city) + key
  if (!draft) return attempt(() => localStorage.removeItem(entry), undefined)
  const kept = (most: number) => attempt(() => {
    localStorage.setItem(entry, JSON.stringify(withSteps(draft, most)))
    return true
  }, false)
  if (!kept(MOST_STEPS)) kept(0) // no room: what it says counts more than how it came to be
}

export function keepCurrent(city: string, current: string | null): void {
  attempt(() => {
    for (const storage of [sessionStorage, localStorage]) {
      if (current) storage.setItem(CURRENT + city, current)
      else storage.removeItem(CURRENT + city)
    }
  }, undefined)
}

/** Key of a draft in a storage event of another tab, or null. */
export function keyOf(city: string, entry: string | null): string | null {
  return entry?.startsWith(prefixOf(city)) ? entry.slice(prefixOf(city).length) : null
}
