// All plans: those with unsaved changes first, then the saved ones.
import { CopyOutlined, PlusOutlined } from '@ant-design/icons'
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { useCallback, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { useCityTime } from '../server/cityTime'
import type { PlanSummary } from '../server/documents'
import { useLive } from '../server/live'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { addressOf, unsavedDrafts, useDraft, type Draft } from './draft'
import { PastNotice } from './PastNotice'
import { PlanEmpty } from './PlanEmpty'
import { plansQuery } from './planQueries'
import { planWords } from './planWords'
import { useDuplicate } from './useDuplicate'
import './planning.css'

export default function PlansPanel() {
  const t = useWords(planWords)
  const go = useAddress((address) => address.go)
  const queries = useQueryClient()
  const { data: saved, error, refetch } = useQuery(plansQuery)
  const drafts = useDraft((store) => store.drafts)
  const unsaved = unsavedDrafts(drafts)
  const past = usePast()
  useLive('plan', useCallback(() => void queries.invalidateQueries({ queryKey: ['plans'], exact: true }), [queries]))
  const begin = () => {
    useDraft.getState().begin()
    go({ panel: 'plan', plan: '' }, true)
  }
  if (saved?.length === 0 && unsaved.length === 0) return <section className="planning"><PlanEmpty fault={null} /></section>
  return (
    <section className="planning" aria-labelledby="plans-heading">
      <div className="panel-head">
        <h2 id="plans-heading">{t('plans')}</h2>
        <Button type="primary" icon={<PlusOutlined aria-hidden />} disabled={past} onClick={begin}>{t('newPlan')}</Button>
      </div>
      <PastNotice what="plan" />
      {unsaved.length > 0 && (
        <>
          <h3>{t('unsaved')}</h3>
          <ul className="plan-list">{unsaved.map(([key, draft]) => <UnsavedRow key={key} draftKey={key} draft={draft} />)}</ul>
        </>
      )}
      <ProblemNotice problem={error} retry={() => void refetch()} />
      {!saved && !error && <Skeleton active />}
      {saved && saved.length > 0 && (
        <>
          <h3>{t('savedPlans')}</h3>
          <ul className="plan-list">{saved.map((plan) => <SavedRow key={plan.name} plan={plan} />)}</ul>
        </>
      )}
    </section>
  )
}

function useCountWords() {
  const t = useWords(planWords)
  return (count: number) => (count === 0 ? t('noMeasures') : count === 1 ? t('oneMeasure') : t('measureCount', { count }))
}

function SavedRow({ plan }: { plan: PlanSummary }) {
  const t = useWords(planWords)
  const { moment } = useCityTime()
  const past = usePast()
  const countWords = useCountWords()
  const go = useAddress((address) => address.go)
  const duplicate = useDuplicate()
  const title = plan.title || plan.name
  const about = [countWords(plan.measures), t('version', { number: plan.version }), moment(plan.at), plan.author && t('by', { author: plan.author })]
  return (
    <li className="plan-row">
      <button type="button" className="plan-open" onClick={() => go({ panel: 'plan', plan: plan.name }, true)}>
        <strong>{title}</strong>
        <span className="soft numbers">{about.filter(Boolean).join(' · ')}</span>
      </button>
      <Button size="small" type="text" icon={<CopyOutlined aria-hidden />} loading={duplicate.isPending} disabled={past} aria-label={`${t('duplicate')}: ${title}`} title={t('duplicate')} onClick={() => duplicate.mutate({ name: plan.name, title })} />
      <ProblemNotice problem={duplicate.error} />
    </li>
  )
}

function UnsavedRow({ draftKey, draft }: { draftKey: string; draft: Draft }) {
  const t = useWords(planWords)
  const countWords = useCountWords()
  const go = useAddress((address) => address.go)
  const [asked, setAsked] = useState(false)
  const plan = draft.history.present
  const open = () => {
    useDraft.getState().choose(draftKey)
    go({ panel: 'plan', plan: addressOf(draftKey) }, true)
  }
  return (
    <li className="plan-row">
      <button type="button" className="plan-open" onClick={open}>
        <strong>{plan.title || plan.plan || t('newPlan')}</strong>
        <span className="soft numbers">{[countWords(plan.measures.length), t('unsavedMark')].join(' · ')}</span>
      </button>
      {asked ? (
        <span className="confirm" role="group" aria-label={t('discardSure')}>
          <Button size="small" danger autoFocus onClick={() => useDraft.getState().discard(draftKey)}>{t('discard')}</Button>
          <Button size="small" onClick={() => setAsked(false)}>{t('discardKeep')}</Button>
        </span>
      ) : (
        <Button size="small" type="text" onClick={() => setAsked(true)}>{t('discard')}</Button>
      )}
    </li>
  )
}
