// What is typed into correction forms and not saved yet: kept by feature, over a closed panel, another feature, a reload.
import { create } from 'zustand'
import type { Typed } from './corrections'

export type CorrectionDraft = { typed: Typed; note: string }
type Drafts = Record<string, CorrectionDraft>

export const EMPTY: CorrectionDraft = { typed: {}, note: '' }
const STORED = 'cim.corrections'
/** So many forms are kept; the one left longest gives way. */
const MOST = 50
const TYPING_MS = 300

/** Where a feature's draft lies: two cities may have the same ids. */
export function draftKey(city: string, collection: string, id: string): string {
  return `${city}|${collection}:${id}`
}

function recall(): Drafts {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(STORED) ?? '{}')
    return typeof kept === 'object' && kept !== null ? (kept as Drafts) : {}
  } catch {
    return {} // storage is switched off, or holds something else
  }
}

function keep(drafts: Drafts): void {
  try {
    localStorage.setItem(STORED, JSON.stringify(drafts))
  } catch {
    // storage is off or full: what is typed lasts as long as the page
  }
}

type Store = {
  drafts: Drafts
  change: (key: string, change: Partial<CorrectionDraft>) => void
  discard: (key: string) => void
}

export const useCorrectionDrafts = create<Store>((set) => ({
  drafts: recall(),
  change: (key, change) =>
    set(({ drafts }) => {
      const { [key]: before, ...others } = drafts // changed last, stands last
      return { drafts: Object.fromEntries([...Object.entries(others), [key, { ...EMPTY, ...before, ...change }]].slice(-MOST)) }
    }),
  discard: (key) => set(({ drafts: { [key]: _gone, ...drafts } }) => ({ drafts })),
}))

let pending: ReturnType<typeof setTimeout> | undefined
const write = () => {
  clearTimeout(pending)
  pending = undefined
  keep(useCorrectionDrafts.getState().drafts)
}
useCorrectionDrafts.subscribe(() => {
  clearTimeout(pending)
  pending = setTimeout(write, TYPING_MS)
})
globalThis.addEventListener?.('pagehide', () => pending !== undefined && write())
