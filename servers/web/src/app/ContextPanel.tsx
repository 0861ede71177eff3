// One thing at a time beside the map. Each room brings its panel; it is loaded when it is first wanted.
import { CloseOutlined, DownOutlined, UpOutlined } from '@ant-design/icons'
import { Button, Skeleton } from 'antd'
import { Suspense, lazy, useEffect, useMemo, useRef, useState, type RefObject } from 'react'
import { useWords } from '../language/words'
import { useAddress, type Address } from '../state/address'
import { frameWords } from './frameWords'
import { isTyping } from './isTyping'
import { PANELS, fetchPanel, fetchPanelsWhenQuiet, panelAtHand } from './panels'
import { RoomBoundary } from './RoomBoundary'

/** Esc closes the panel, unless something above it (a list) takes the key first; in a field it leaves the field. */
function useEscape(panel: RefObject<HTMLElement | null>, close: () => void): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      const target = event.target as HTMLElement | null
      if (target?.closest('[aria-expanded="true"], [role="dialog"], [role="listbox"]')) return
      if (target && isTyping(target)) {
        target.blur()
        if (panel.current?.contains(target)) panel.current.focus() // a second Esc closes, and Tab goes on from here
        return
      }
      close()
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [panel, close])
}

/** When the panel closes, the focus goes back to where it was opened from; else to the map. */
function useFocusBack(panel: RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const opener = document.activeElement as HTMLElement | null
    const inside = panel.current
    return () => {
      // Layout is still there when this runs; the element with the focus may be gone already.
      const { activeElement } = document
      if (activeElement !== document.body && !inside?.contains(activeElement)) return // the reader is elsewhere by now
      const back = opener?.isConnected && opener !== document.body ? opener : document.querySelector<HTMLElement>('.map-canvas canvas')
      back?.focus({ preventScroll: true })
    }
  }, [panel])
}

/** What the panel is about: another feature, scene or result begins at its top (a plan does not: it gets its name when it is first saved). */
function whatIsShown({ panel, selected, scene, run, comparison }: Address): string {
  return ({ feature: selected, scene, run, comparison } as Record<string, string>)[panel] ?? ''
}

export function ContextPanel() {
  const panel = useAddress((address) => address.panel)
  useEffect(fetchPanelsWhenQuiet, [])
  return Object.hasOwn(PANELS, panel) ? <OpenPanel panel={panel} /> : null
}

function OpenPanel({ panel }: { panel: string }) {
  const t = useWords(frameWords)
  const go = useAddress((address) => address.go)
  const [tall, setTall] = useState(false)
  const [attempt, setAttempt] = useState(0)
  // Made anew with each attempt: React keeps the failure of a room whose code did not come.
  const Panel = useMemo(() => panelAtHand(panel) ?? lazy(() => fetchPanel(panel)), [panel, attempt])
  const top = useRef<HTMLElement>(null)
  const close = useRef(() => go({ panel: '' }, true)).current
  const shown = useAddress(whatIsShown)
  useEscape(top, close)
  useFocusBack(top)
  useEffect(() => void top.current?.scrollTo(0, 0), [panel, shown]) // newer browsers return a promise, which is no clean-up
  return (
    <aside className={`context print-panel${tall ? ' context-tall' : ''}`} aria-label={t('panel')} ref={top} tabIndex={-1}>
      <div className="context-head">
        <Button className="context-grip" type="text" aria-expanded={tall} aria-label={tall ? t('smaller') : t('bigger')} icon={tall ? <DownOutlined /> : <UpOutlined />} onClick={() => setTall(!tall)} />
        <Button className="context-close" type="text" aria-label={t('close')} icon={<CloseOutlined />} onClick={close} />
      </div>
      <RoomBoundary room={panel} retry={() => setAttempt(attempt + 1)}>
        <Suspense fallback={<Skeleton active />}>
          <Panel />
        </Suspense>
      </RoomBoundary>
    </aside>
  )
}
