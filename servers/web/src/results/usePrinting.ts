// Whether the page is being printed. Paper has no light of its own and no buttons: charts turn light, folds open.
import { useSyncExternalStore } from 'react'
import { flushSync } from 'react-dom'

let printing = false
const told = new Set<() => void>()

function tell(now: boolean): void {
  printing = now
  // The page is laid out for paper right after the event: all must be drawn by then.
  flushSync(() => told.forEach((one) => one()))
}

globalThis.addEventListener?.('beforeprint', () => tell(true))
globalThis.addEventListener?.('afterprint', () => tell(false))

function subscribe(one: () => void): () => void {
  told.add(one)
  return () => told.delete(one)
}

export function usePrinting(): boolean {
  return useSyncExternalStore(subscribe, () => printing)
}
