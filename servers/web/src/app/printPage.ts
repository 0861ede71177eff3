// Paper is white, and nothing on it can be opened: a dark page is shown light while it is printed, closed parts open.
import { flushSync } from 'react-dom'
import { useEffect } from 'react'
import { useMapStore } from '../map/mapStore'
import { useAddress } from '../state/address'

const LONGEST_WAIT_MS = 4000

/** Until the map has drawn its new colours, or long enough. */
function mapAtRest(): Promise<void> {
  const { map } = useMapStore.getState()
  return new Promise((done) => {
    setTimeout(done, map ? LONGEST_WAIT_MS : 0)
    void map?.once('idle', () => done())
  })
}

/** Print the page as it is seen, in light colours. */
export async function printPage(): Promise<void> {
  const { theme, go } = useAddress.getState()
  if (theme === 'dark') {
    go({ theme: 'light' })
    // Not right after print(): some browsers return from it at once and draw the page later.
    window.addEventListener('afterprint', () => go({ theme }), { once: true })
    await mapAtRest()
  }
  window.print()
}

/** Open what is closed in the panel, and return how to close it again. */
export function openFolds(): () => void {
  const closed = [...document.querySelectorAll<HTMLDetailsElement>('.print-panel details:not([open])')]
  // React makes what is inside when it hears of the opening: told at once, so that it is there before the page is laid out.
  flushSync(() => closed.forEach((fold) => {
    fold.open = true
    fold.dispatchEvent(new Event('toggle'))
  }))
  return () => closed.forEach((fold) => (fold.open = false))
}

/** Printing by the browser's own keys is as by our button; its menu at least prints what is folded away. */
export function usePrinting(): void {
  useEffect(() => {
    let close = () => undefined as void
    const key = (event: KeyboardEvent) => {
      if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.altKey || event.key.toLowerCase() !== 'p') return
      event.preventDefault()
      void printPage()
    }
    const before = () => (close = openFolds())
    const after = () => close()
    window.addEventListener('keydown', key)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('keydown', key)
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [])
}
