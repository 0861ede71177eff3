// What the city knows: each layer with its source, and a switch that takes it off the map.
import { Button, Skeleton, Switch } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { formatNumber } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import { atQuery, useCollections } from '../server/cityQueries'
import type { Collection } from '../server/documents'
import { useAddress } from '../state/address'
import { showBounds } from '../map/showPlace'
import { featureWords } from './featureWords'
import './features.css'

const FORMS: [string, string][] = [['gpkg', 'GeoPackage'], ['geojson', 'GeoJSON'], ['csv', 'CSV']]
const GRADES = ['public', 'internal', 'confidential', 'secret'] as const

function Downloads({ layer }: { layer: Collection }) {
  const t = useWords(featureWords)
  const text = useText()
  const at = useAddress((address) => address.at)
  const address = (path: string, form: string) => `/api/collections/${layer.id}/${path}${atQuery(at)}${at ? '&' : '?'}f=${form}`
  const forms: [string, string, string][] = layer.kind === 'coverage' ? [['coverage', 'tiff', 'GeoTIFF']] : FORMS.map(([form, name]) => ['export', form, name])
  return (
    <div className="layer-links">
      {forms.map(([path, form, name]) => (
        <a key={form} href={address(path, form)} download aria-label={t('download', { layer: text(layer.titles), form: name })}>{name}</a>
      ))}
    </div>
  )
}

function Row({ layer, shown, toggle }: { layer: Collection; shown: boolean; toggle: () => void }) {
  const t = useWords(featureWords)
  const text = useText()
  const language = useLanguage()
  const grade = GRADES.find((one) => one === layer.grade)
  const bbox = layer.extent?.spatial.bbox[0]
  return (
    <li className="layer-row">
      <div className="layer-head">
        <Switch size="small" checked={shown} onChange={toggle} aria-label={t('show', { layer: text(layer.titles) })} />
        <strong>{text(layer.titles)}</strong>
        {layer.synthetic && <span className="synthetic">{t('synthetic')}</span>}
        {bbox && <Button size="small" type="text" onClick={() => void showBounds(bbox)}>{t('extent')}</Button>}
      </div>
      <div className="layer-facts numbers">
        <span>{layer.kind === 'coverage' ? t('raster') : t('rows', { n: formatNumber(layer.rows, language) })}</span>
        {layer.cim_level ? <span>{t('level', { n: layer.cim_level })}</span> : null}
        <span>{t('grade')}: {grade ? t(grade) : layer.grade}</span>
        <span>{t('version', { n: layer.version })}</span>
        {layer.source?.uri && <span>{t('source')}: {layer.source.uri}</span>}
        {layer.source?.attribution && <span>{layer.source.attribution}</span>}
      </div>
      <Downloads layer={layer} />
    </li>
  )
}

export default function LayersPanel() {
  const t = useWords(featureWords)
  const hidden = useAddress((address) => address.hidden)
  const go = useAddress((address) => address.go)
  const { data, error, refetch } = useCollections()
  const toggle = (id: string) => go({ hidden: hidden.includes(id) ? hidden.filter((one) => one !== id) : [...hidden, id] })
  return (
    <div>
      <header className="panel-title">
        <h2>{t('layers')}</h2>
        <p className="soft">{t('layersHelp')}</p>
      </header>
      {error ? <ProblemNotice problem={error} retry={() => void refetch()} /> : null}
      {!data && !error && <Skeleton active />}
      {data?.length === 0 && (
        <div className="empty">
          <strong>{t('noLayers')}</strong>
          <p>{t('noLayersHelp')}</p>
        </div>
      )}
      {data && data.length > 0 && (
        <ul className="corrections">
          <li className="layer-row layer-head">
            <Switch size="small" checked={!hidden.includes('labels')} onChange={() => toggle('labels')} aria-label={t('labels')} />
            <strong>{t('labels')}</strong>
          </li>
          {data.map((layer) => <Row key={layer.id} layer={layer} shown={!hidden.includes(layer.id)} toggle={() => toggle(layer.id)} />)}
        </ul>
      )}
    </div>
  )
}
