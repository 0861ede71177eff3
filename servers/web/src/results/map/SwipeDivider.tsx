// The handle between two maps: dragged, or moved with the arrow keys.
import { useRef } from 'react'
import { useWords } from '../../language/words'
import { words } from '../words'

type Props = { share: number; onChange: (share: number) => void }

/** Between the edges; a divider at the very edge could not be caught again. */
export function clampShare(share: number): number {
  return Math.min(Math.max(share, 0.03), 0.97)
}

/** Where a key moves the divider; null for keys that do not. */
export function shareAfterKey(key: string, share: number): number | null {
  const steps: Record<string, number> = { ArrowLeft: -0.02, ArrowRight: 0.02, PageDown: -0.1, PageUp: 0.1 }
  if (key in steps) return clampShare(share + steps[key])
  return key === 'Home' ? clampShare(0) : key === 'End' ? clampShare(1) : null
}

export function SwipeDivider({ share, onChange }: Props) {
  const t = useWords(words)
  const handle = useRef<HTMLDivElement>(null)
  const drag = (x: number) => {
    const box = handle.current!.parentElement!.getBoundingClientRect()
    onChange(clampShare((x - box.left) / box.width))
  }
  return (
    <div
      ref={handle} className="swipe-divider" style={{ left: `${100 * share}%` }} tabIndex={0}
      role="slider" aria-orientation="horizontal" aria-label={t('divider')} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(100 * share)}
      onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
      onPointerMove={(event) => event.currentTarget.hasPointerCapture(event.pointerId) && drag(event.clientX)}
      onKeyDown={(event) => {
        const moved = shareAfterKey(event.key, share)
        if (moved === null) return
        event.preventDefault()
        onChange(moved)
      }}
    >
      <span className="swipe-grip" aria-hidden="true">⇔</span>
    </div>
  )
}
