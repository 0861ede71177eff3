// Buttons on the map: zoom, compass, whole city, terrain, image.
import { BorderOuterOutlined, CameraOutlined, HomeOutlined, MinusOutlined, PlusOutlined, RiseOutlined } from '@ant-design/icons'
import type { Map as MapLibre } from 'maplibre-gl'
import { useLanguage, useText, useWords } from '../language/words'
import { useCity, useCollections } from '../server/cityQueries'
import { useAddress } from '../state/address'
import { showBounds } from './camera'
import { Compass } from './Compass'
import { MapButton } from './MapButton'
import { saveMapImage } from './mapImage'
import { useMapStore } from './mapStore'
import { mapWords } from './mapWords'

export function MapButtons({ map }: { map: MapLibre }) {
  const t = useWords(mapWords)
  const text = useText()
  const language = useLanguage()
  const city = useCity()
  const collections = useCollections()
  const terrain = useAddress((address) => address.terrain)
  const go = useAddress((address) => address.go)
  const bounds = city.data?.bounds
  const hasElevation = collections.data?.some((one) => one.id === 'elevation')
  const toggle = () => {
    go({ terrain: !terrain })
    if (terrain) map.easeTo({ pitch: 0, bearing: 0, duration: 400 })
    else if (map.getPitch() < 20) map.easeTo({ pitch: 55, duration: 400 })
  }
  const save = () =>
    void saveMapImage(map, {
      title: t('from', { city: city.data?.name ?? '' }), attribution: city.data?.attribution ?? [],
      mark: city.data?.synthetic ? t('synthetic') : '', legends: Object.values(useMapStore.getState().legends), language, text,
    })
  return (
    <div className="map-buttons" role="toolbar" aria-orientation="vertical" aria-label={t('controls')}>
      <MapButton label={t('zoomIn')} act={() => map.zoomIn()}><PlusOutlined /></MapButton>
      <MapButton label={t('zoomOut')} act={() => map.zoomOut()}><MinusOutlined /></MapButton>
      <Compass map={map} />
      {bounds && <MapButton label={t('home')} act={() => showBounds(map, bounds)}><HomeOutlined /></MapButton>}
      {hasElevation && (
        <MapButton label={terrain ? t('terrainOff') : t('terrain')} pressed={terrain} act={toggle}>
          {terrain ? <BorderOuterOutlined /> : <RiseOutlined />}
        </MapButton>
      )}
      <MapButton label={t('image')} act={save}><CameraOutlined /></MapButton>
    </div>
  )
}
