// The plan editor: what is changed, whether it fits the city, saving, running and comparing it.
import { ArrowLeftOutlined } from '@ant-design/icons'
import { Button, Skeleton } from 'antd'
import { useRef, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { placeOfPlan } from './asking'
import { isDirty, useDraft, type Draft } from './draft'
import { MeasureList } from './MeasureList'
import { PastNotice } from './PastNotice'
import { useMeasureTypes } from './measureTypes'
import { PlanAsk } from './PlanAsk'
import { PlanEmpty } from './PlanEmpty'
import { PlanHead } from './PlanHead'
import { PlanReading } from './PlanReading'
import { PlanTools } from './PlanTools'
import { usePlanCheck } from './planCheck'
import { usePlanOnMap } from './planOnMap'
import { planWords } from './planWords'
import { SaveBar } from './SaveBar'
import { useOpenPlan } from './useOpenPlan'
import { useSaving } from './useSaving'
import { useUndoKeys } from './useUndoKeys'
import './planning.css'

export default function PlanPanel() {
  const t = useWords(planWords)
  const { draft, fault, loading, newer } = useOpenPlan()
  const go = useAddress((address) => address.go)
  const past = usePast()
  return (
    <section className="planning" aria-label={t('plan')}>
      <Button type="link" size="small" className="flush" icon={<ArrowLeftOutlined aria-hidden />} onClick={() => go({ panel: 'plans' }, true)}>{t('backToPlans')}</Button>
      {loading && <Skeleton active />}
      {!draft && !loading && <PlanEmpty fault={fault} />}
      <PastNotice what="plan" />
      {draft && past && <PlanReading plan={draft.history.present} />}
      {draft && !past && <PlanEditor draft={draft} newer={newer?.version ?? null} by={newer?.author ?? ''} />}
    </section>
  )
}

function PlanEditor({ draft, newer, by }: { draft: Draft; newer: number | null; by: string }) {
  const t = useWords(planWords)
  const panel = useRef<HTMLDivElement>(null)
  const current = useDraft((store) => store.current) ?? ''
  const types = useMeasureTypes()
  const plan = draft.history.present
  const state = usePlanCheck(plan.measures, types)
  const door = useSaving()
  const [tools, setTools] = useState(false)
  usePlanOnMap(state.edits)
  useUndoKeys(panel)
  return (
    <div ref={panel}>
      <PlanHead draft={draft} key={current} />
      <MeasureList key={draft.id ?? current} measures={plan.measures} types={types} state={state} />
      <ProblemNotice problem={state.problem} />
      {newer !== null && door.state.step !== 'conflict' && (
        <p className="notice" role="status">{t('newerThere', { number: newer, by: by ? ` (${by})` : '' })}</p>
      )}
      <SaveBar draft={draft} door={door} sound={plan.measures.length === 0 || state.sound} />
      <PlanAsk place={placeOfPlan(current)} plan={plan} sound={state.sound} scenario={types?.get(plan.measures[0]?.type)?.scenario} />
      {draft.version !== null && (
        <PlanTools name={plan.plan} title={plan.title || plan.plan} version={draft.version} dirty={isDirty(draft)} open={tools} onOpen={setTools} />
      )}
    </div>
  )
}
