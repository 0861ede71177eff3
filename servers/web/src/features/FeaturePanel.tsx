// One click on anything: what it is, where it comes from, how sure, what was assumed, its history, what can be done with it.
import { AimOutlined, EditOutlined, LinkOutlined } from '@ant-design/icons'
import { App as Messages, Button, Collapse, Skeleton, Tooltip } from 'antd'
import { useEffect, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useText, useWords } from '../language/words'
import { showGeometry } from '../map/showPlace'
import { useCard } from '../server/cardQuery'
import type { Card } from '../server/documents'
import { useAddress, writeAddress } from '../state/address'
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
  const { message } = Messages.useApp()
  const kind = card.fields.filter((field) => ['class', 'kind', 'use'].includes(field.name)).map((field) => text(valueText(field.name, field.value)))[0]
  const other = card.title.en !== card.title.zh ? (text(card.title) === card.title.zh ? card.title.en : card.title.zh) : ''
  const copy = () =>
    void navigator.clipboard
      .writeText(`${location.origin}${location.pathname}?${writeAddress(useAddress.getState())}`)
      .then(() => message.success(t('copied')), () => message.info(t('notCopied')))
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
        <Button icon={<LinkOutlined />} onClick={copy}>{t('copy')}</Button>
      </div>
    </header>
  )
}

function Facts({ card }: { card: Card }) {
  const t = useWords(featureWords)
  const past = useAddress((address) => address.at !== '')
  const [correcting, setCorrecting] = useState(false)
  useEffect(() => setCorrecting(false), [card.collection, card.id])
  const further = furtherFacts(card.fields)
  if (correcting)
    return (
      <section>
        <h3>{t('correct')}</h3>
        <CorrectionForm card={card} done={() => setCorrecting(false)} />
      </section>
    )
  return (
    <section>
      <div className="section-head">
        <h3>{t('facts')}</h3>
        {editableFields(card.fields).length > 0 && (
          <Tooltip title={past ? t('pastHelp') : undefined}>
            <Button size="small" icon={<EditOutlined />} disabled={past} onClick={() => setCorrecting(true)}>{t('correct')}</Button>
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
  if (error) return <div className="panel-pad"><ProblemNotice problem={error} retry={() => void refetch()} /></div>
  if (isPending || !card) return <Skeleton active className="panel-pad" />
  return (
    <article className="card">
      <Heading card={card} />
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
