// Corrections with who, when, why and what became of them; those in force can be withdrawn.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App as Messages, Button } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { formatInstant } from '../language/instants'
import { useLanguage, useText, useWords } from '../language/words'
import { useCity, useCollections } from '../server/cityQueries'
import { sendJson } from '../server/client'
import type { Correction } from '../server/documents'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { factText } from './facts'
import { featureWords } from './featureWords'

const STATES = ['active', 'conflict', 'confirmed', 'withdrawn', 'orphaned'] as const
const SIGNS: Record<string, string> = { active: '✓', conflict: '⚠', confirmed: '✓✓', withdrawn: '↶', orphaned: '∅' }

function One({ correction, showFeature }: { correction: Correction; showFeature: boolean }) {
  const t = useWords(featureWords)
  const text = useText()
  const language = useLanguage()
  const { message } = Messages.useApp()
  const queries = useQueryClient()
  const zone = useCity().data?.timezone
  const collection = useCollections().data?.find((one) => one.id === correction.collection)
  const past = usePast()
  const go = useAddress((address) => address.go)
  const withdraw = useMutation({
    mutationFn: () => sendJson('DELETE', `/api/corrections/${correction.id}`),
    onSuccess: () => {
      message.success(t('withdrawnNow'))
      void queries.invalidateQueries()
    },
  })
  const state = STATES.find((one) => one === correction.state)
  const change = ([name, value]: [string, unknown]) => {
    const field = collection?.fields.find((one) => one.name === name) ?? { name, unit: null, dtype: '', title: name }
    return <li key={name}>{text(field.title)}: <strong>{factText(field, value, language)}</strong> <span className="soft">({t('from')} {factText(field, correction.base[name], language)})</span></li>
  }
  const standing = correction.state !== 'withdrawn'
  return (
    <li className={`correction correction-${correction.state}`}>
      <ul>{Object.entries(correction.fields).map(change)}</ul>
      {correction.note && <p>{correction.note}</p>}
      <p className="soft numbers">
        <span aria-hidden="true">{SIGNS[correction.state] ?? '·'}</span> {state ? t(state) : correction.state} · {formatInstant(correction.at, language, zone)} · {correction.author || t('local')}
      </p>
      <div className="actions">
        {showFeature && <Button size="small" onClick={() => go({ selected: `${correction.collection}:${correction.feature}`, panel: 'feature' }, true)}>{t('open')}</Button>}
        {standing && !past && <Button size="small" loading={withdraw.isPending} onClick={() => withdraw.mutate()}>{t('withdraw')}</Button>}
      </div>
      {withdraw.error ? <ProblemNotice problem={withdraw.error} retry={() => withdraw.mutate()} /> : null}
    </li>
  )
}

export function CorrectionList({ corrections, showFeature = false }: { corrections: Correction[]; showFeature?: boolean }) {
  return <ul className="corrections">{corrections.map((one) => <One key={one.id} correction={one} showFeature={showFeature} />)}</ul>
}
