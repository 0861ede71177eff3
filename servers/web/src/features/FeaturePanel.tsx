// One click on anything: what it is, where it comes from, how sure, what was assumed, its history, what can be done with it.
import { AimOutlined, EditOutlined, LinkOutlined } from '@ant-design/icons'
import { Button, Collapse, Skeleton, Tooltip } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useCopyLink } from '../app/useCopyLink'
import { useText, useWords } from '../language/words'
import { showGeometry } from '../map/showPlace'
import { useCard } from '../server/cardQuery'
import { useCity } from '../server/cityQueries'
import { isTransient } from '../server/client'
import type { Card } from '../server/documents'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { draftKey, useCorrectionDrafts } from './correctionDrafts'
import { CorrectionForm } from './CorrectionForm'
import { CorrectionList } from './CorrectionList'
import { editableFields } from './corrections'
import { FactList, RawFacts } from './FactList'
import { furtherFacts, keyFacts } from './facts'
import { featureWords } from './featureWords'
import './features.css'
import { MeasureButtons } from './MeasureButtons'
import { SourceNote } from './SourceNote'
import { valueText } from './valueWords'

function Heading({ card }: { card: Card }) {
  const t = useWords(featureWords)
  const text = useText()
  const kind = card.fields.filter((field) => ['class', 'kind', 'use'].includes(field.name)).map((field) => text(valueText(field.name, field.value)))[0]
  const other = card.title.en !== card.title.zh ? (text(card.title) === card.title.zh ? card.title.en : card.title.zh) : ''
  const copy = useCopyLink()
  return (
    <header className="card-head">
      <h2>{text(card.title)}</h2>
      {other && card.name ? <p className="card-other">{other}</p> : null}
      <p className="card-kind">
        {[text(card.collection_title), kind].filter(Boolean).join(' · ')}
        {card.synthetic && <span className="synthetic">{t('synthetic')}</span>}
      </p>
      {card.group && card.group.members.length > 1 && <p className="soft">{t('group', { name: card.group.name })} · {t('groupParts', { n: card.group.members.length })}</p>}
      <div className="actions">
        <Button icon={<AimOutlined />} onClick={() => void showGeometry(card.geometry)}>{t('zoom')}</Button>
        <Button icon={<LinkOutlined />} onClick={() => void copy()}>{t('copy')}</Button>
      </div>
    </header>
  )
}

function Facts({ card }: { card: Card }) {
  const t = useWords(featureWords)
  const past = usePast()
  const draft = draftKey(useCity().data?.id ?? '', card.collection, card.id)
  const begun = useCorrectionDrafts((store) => draft in store.drafts)
  const [opened, setOpened] = useState(false)
  const further = furtherFacts(card.fields)
  if ((opened || begun) && !past)
    return (
      <section>
        <h3>{t('correct')}</h3>
        <CorrectionForm card={card} draft={draft} done={() => setOpened(false)} />
      </section>
    )
  return (
    <section>
      <div className="section-head">
        <h3>{t('facts')}</h3>
        {editableFields(card.fields).length > 0 && (
          <Tooltip title={past ? t('pastHelp') : undefined}>
            <Button size="small" icon={<EditOutlined />} disabled={past} onClick={() => setOpened(true)}>{t('correct')}</Button>
          </Tooltip>
        )}
      </div>
      <FactList fields={keyFacts(card.fields)} />
      {further.length > 0 && <Collapse size="small" ghost items={[{ key: 'more', label: t('more'), children: <RawFacts fields={further} /> }]} />}
    </section>
  )
}

export default function FeaturePanel() {
  const t = useWords(featureWords)
  const selected = useAddress((address) => address.selected)
  const { data: card, error, refetch, isPending } = useCard(selected)
  if (!selected)
    return (
      <div className="empty">
        <h2>{t('nothing')}</h2>
        <p>{t('nothingHelp')}</p>
      </div>
    )
  // Only where there is no card: one that is shown, and what is typed on it, stays while the server is away.
  if (error && !card) return <div className="panel-pad"><ProblemNotice problem={error} retry={() => void refetch()} /></div>
  if (isPending || !card) return <Skeleton active className="panel-pad" />
  return (
    <article className="card" key={selected}>
      <Heading card={card} />
      {error && !isTransient(error) ? <ProblemNotice problem={error} retry={() => void refetch()} /> : null}
      <MeasureButtons card={card} />
      <Facts card={card} />
      <section>
        <h3>{t('source')}</h3>
        <SourceNote source={card.source} />
      </section>
      <section>
        <h3>{t('history')}</h3>
        {card.corrections.length ? <CorrectionList corrections={card.corrections} /> : <p className="soft">{t('noHistory')}</p>}
      </section>
    </article>
  )
}
