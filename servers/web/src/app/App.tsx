// The frame: top bar, rail of scenes, map, one context panel, timeline. The map is never covered by a modal.
import { Suspense, lazy } from 'react'
import { MapRoom } from '../map/MapRoom'
import { useAddress } from '../state/address'
import { Banner } from './Banner'
import { ContextPanel } from './ContextPanel'
import { Rail } from './Rail'
import { TopBar } from './TopBar'

const ResultsOnMap = lazy(() => import('../results/ResultsOnMap'))
const Timeline = lazy(() => import('../replay/Timeline'))

export function App() {
  const hasResult = useAddress((address) => address.run !== '' || address.comparison !== '')
  return (
    <div className="frame">
      <TopBar />
      <Banner />
      <div className="middle">
        <Rail />
        <MapRoom>
          {hasResult && (
            <Suspense>
              <ResultsOnMap />
            </Suspense>
          )}
        </MapRoom>
        <ContextPanel />
      </div>
      {hasResult && (
        <Suspense>
          <Timeline />
        </Suspense>
      )}
    </div>
  )
}
