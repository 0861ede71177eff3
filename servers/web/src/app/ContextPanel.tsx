// One thing at a time beside the map. Each room brings its panel; it is loaded when it is first wanted.
import { CloseOutlined, DownOutlined, UpOutlined } from '@ant-design/icons'
import { Button, Skeleton } from 'antd'
import { Suspense, lazy, useEffect, useMemo, useRef, useState } from 'react'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'
import { PANELS, fetchPanelsWhenQuiet } from './panels'
import { RoomBoundary } from './RoomBoundary'

/** Esc closes the panel, unless something above it (a list, a field) takes the key first. */
function useEscape(close: () => void): void {
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape' || event.defaultPrevented) return
      const target = event.target as HTMLElement | null
      if (target?.closest('[aria-expanded="true"], [role="dialog"], [role="listbox"]')) return
      close()
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [close])
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
  const Panel = useMemo(() => lazy(PANELS[panel]), [panel, attempt])
  const top = useRef<HTMLElement>(null)
  const close = useRef(() => go({ panel: '' }, true)).current
  useEscape(close)
  useEffect(() => void top.current?.scrollTo(0, 0), [panel]) // newer browsers return a promise, which is no clean-up
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
