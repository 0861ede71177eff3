// Ctrl+Z and Ctrl+Y (Cmd on a Mac) while the plan is shown; typing elsewhere keeps its own undo.
import { useEffect, type RefObject } from 'react'
import { useDraft } from './draft'

const isText = (element: Element | null) => element?.matches('input, textarea, [contenteditable="true"]') ?? false

/** What the keys ask for; null: nothing of ours. */
export function stepOf(event: Pick<KeyboardEvent, 'key' | 'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey'>): 'undo' | 'redo' | null {
  if (!(event.ctrlKey || event.metaKey) || event.altKey) return null
  const key = event.key.toLowerCase()
  if (key === 'z') return event.shiftKey ? 'redo' : 'undo'
  return key === 'y' && !event.shiftKey ? 'redo' : null
}

export function useUndoKeys(panel: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const step = stepOf(event)
      const focused = document.activeElement
      if (!step || (isText(focused) && !panel.current?.contains(focused))) return
      event.preventDefault()
      useDraft.getState()[step]()
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [panel])
}
