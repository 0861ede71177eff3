// The map's place in the frame. Its code comes by itself, asked for at once: the frame stands meanwhile.
import { Suspense, lazy, type ReactNode } from 'react'
import { useWords } from '../language/words'
import './map.css'
import { mapWords } from './mapWords'

const arriving = import('./MapCanvas')
const MapCanvas = lazy(() => arriving)

export function MapRoom({ children }: { children?: ReactNode }) {
  const t = useWords(mapWords)
  return (
    <main className="map" aria-label={t('map')}>
      <Suspense fallback={<p className="map-note" role="status">{t('loading')}</p>}>
        <MapCanvas />
      </Suspense>
      {children}
    </main>
  )
}
