// What each import read, mended, left out and had to assume; and what people have put right since.
import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { formatNumber } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import { atQuery } from '../server/cityQueries'
import { getJson } from '../server/client'
import type { Correction, LayerQuality } from '../server/documents'
import { useAddress } from '../state/address'
import { CorrectionList } from './CorrectionList'
import { featureWords } from './featureWords'
import './features.css'
import { Reasons } from './Reasons'

function Layer({ layer }: { layer: LayerQuality }) {
  const t = useWords(featureWords)
  const text = useText()
  const language = useLanguage()
  const share = layer.read ? layer.kept / layer.read : 1
  const sound = [layer.repaired, layer.dropped, layer.assumed].every((reasons) => Object.keys(reasons).length === 0)
  return (
    <section className="quality-layer">
      <div className="section-head">
        <h3>{text(layer.title)}</h3>
        <span className="soft numbers">{t('keptOf', { kept: formatNumber(layer.kept, language), read: formatNumber(layer.read, language) })}</span>
      </div>
      <div className="quality-bar" aria-hidden="true"><span style={{ inlineSize: `${Math.min(100, share * 100)}%` }} /></div>
      <p className="soft">{layer.source} {layer.synthetic && <span className="synthetic">{t('synthetic')}</span>}</p>
      {sound ? <p className="soft">{t('clean')}</p> : null}
      <Reasons title={t('repaired')} reasons={layer.repaired} words={layer.reasons ?? {}} of={layer.kept} />
      <Reasons title={t('dropped')} reasons={layer.dropped} words={layer.reasons ?? {}} of={layer.read} />
      <Reasons title={t('assumedValues')} reasons={layer.assumed} words={layer.reasons ?? {}} of={layer.kept} />
    </section>
  )
}

/** A warning is of a whole import: said once, though each of its layers carries it. */
function Warnings({ layers }: { layers: LayerQuality[] }) {
  const t = useWords(featureWords)
  const warnings = [...new Set(layers.flatMap((layer) => layer.warnings))]
  if (warnings.length === 0) return null
  return (
    <section>
      <h3>{t('warnings')}</h3>
      {warnings.map((warning) => <p key={warning} className="warning">{warning}</p>)}
    </section>
  )
}

function Corrections() {
  const t = useWords(featureWords)
  const at = useAddress((address) => address.at)
  const { data, error, refetch } = useQuery({
    queryKey: ['corrections', at],
    queryFn: async ({ signal }) => (await getJson<{ corrections: Correction[] }>(`/api/corrections${atQuery(at)}`, signal)).corrections,
  })
  const conflicts = data?.filter((one) => one.state === 'conflict') ?? []
  const ordered = [...conflicts, ...(data?.filter((one) => one.state !== 'conflict') ?? [])]
  return (
    <section>
      <h3>{t('corrections')}</h3>
      {conflicts.length > 0 && <p className="warning">{t('conflicts', { n: conflicts.length })}</p>}
      {error ? <ProblemNotice problem={error} retry={() => void refetch()} /> : null}
      {data?.length === 0 ? <p className="soft">{t('noCorrections')}</p> : <CorrectionList corrections={ordered} showFeature />}
    </section>
  )
}

export default function QualityPanel() {
  const t = useWords(featureWords)
  const at = useAddress((address) => address.at)
  const { data, error, refetch } = useQuery({
    queryKey: ['quality', at],
    queryFn: async ({ signal }) => (await getJson<{ layers: LayerQuality[] }>(`/api/quality${atQuery(at)}`, signal)).layers,
  })
  return (
    <div>
      <header className="panel-title">
        <h2>{t('quality')}</h2>
        <p className="soft">{t('qualityHelp')}</p>
      </header>
      {error ? <ProblemNotice problem={error} retry={() => void refetch()} /> : null}
      {!data && !error && <Skeleton active />}
      {data?.length === 0 && <div className="empty">{t('noQuality')}</div>}
      {data && <Warnings layers={data} />}
      {data?.map((layer) => <Layer key={layer.collection} layer={layer} />)}
      <Corrections />
    </div>
  )
}
