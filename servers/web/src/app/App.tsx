// The frame: top bar, rail of scenes, map, one context panel, timeline. The map is never covered by a modal.
import { Suspense, lazy } from 'react'
import { useWords } from '../language/words'
import { MapRoom } from '../map/MapRoom'
import { useAddress } from '../state/address'
import { Banner } from './Banner'
import { ContextPanel } from './ContextPanel'
import { frameWords } from './frameWords'
import { usePrinting } from './printPage'
import { Rail } from './Rail'
import { RoomBoundary } from './RoomBoundary'
import { TopBar } from './TopBar'

const ResultsOnMap = lazy(() => import('../results/ResultsOnMap'))
const Timeline = lazy(() => import('../replay/Timeline'))

function focusMap(): void {
  document.querySelector<HTMLElement>('.map-canvas canvas')?.focus()
}

export function App() {
  const t = useWords(frameWords)
  const result = useAddress((address) => address.run || address.comparison)
  const panel = useAddress((address) => address.panel)
  usePrinting()
  return (
    <div className="frame">
      <button type="button" className="skip" onClick={focusMap}>{t('skip')}</button>
      <TopBar />
      <Banner />
      <div className="middle">
        <Rail />
        <MapRoom>
          {result !== '' && (
            <RoomBoundary room={result}>
              <Suspense>
                <ResultsOnMap />
              </Suspense>
            </RoomBoundary>
          )}
        </MapRoom>
        <RoomBoundary room={panel}>
          <ContextPanel />
        </RoomBoundary>
      </div>
      {result !== '' && (
        <RoomBoundary room={result}>
          <Suspense>
            <Timeline />
          </Suspense>
        </RoomBoundary>
      )}
    </div>
  )
}
