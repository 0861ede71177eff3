// While a form waits for a click on the map: what for, and how to give up.
import { Button } from 'antd'
import { useEffect } from 'react'
import { useText, useWords } from '../language/words'
import { useCollections } from '../server/cityQueries'
import { useMapStore } from './mapStore'
import { mapWords } from './mapWords'

function giveUp(): void {
  useMapStore.getState().picking?.cancel?.()
  useMapStore.setState({ picking: null })
}

export function PickingNote() {
  const t = useWords(mapWords)
  const text = useText()
  const picking = useMapStore((store) => store.picking)
  const collections = useCollections()
  useEffect(() => {
    if (!picking) return
    const key = (event: KeyboardEvent) => {
      if (event.key !== 'Escape') return
      event.stopPropagation()
      giveUp()
    }
    window.addEventListener('keydown', key, true)
    return () => window.removeEventListener('keydown', key, true)
  }, [picking])
  if (!picking) return null
  const wanted = collections.data?.find((one) => one.id === picking.collection)
  return (
    <div className="map-picking" role="status">
      {t('picking', { what: wanted ? text(wanted.titles) : t('pickingAny') })}
      <Button size="small" onClick={giveUp}>{t('cancel')}</Button>
    </div>
  )
}
