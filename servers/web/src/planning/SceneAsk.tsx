// Run an analysis, with a plan or without; compare a plan with another one.
import { Button } from 'antd'
import { useWords } from '../language/words'
import type { Plan, ProcessDocument } from '../server/documents'
import { usePast } from '../state/past'
import { AskNumber } from './AskNumbers'
import { AskedJob } from './AskedJob'
import { askIt, type Question } from './asking'
import { useAskForm, useAskMemory, useParameters } from './askMemory'
import { askWords } from './askWords'
import { addressOf, isDirty, useOpenDraft, useDraft } from './draft'
import { PlanChoice } from './PlanChoice'
import { sameContent } from './planContent'
import { useEstimate } from './useEstimate'

/** The open plan as it is typed now, offered beside the saved ones while it has unsaved changes. */
const OPEN = 'open plan' // no plan's name: it has a space

type Chosen = { plan: Plan | string | null; open: Plan | null; choice: string }

/** What was chosen; at first the plan that is open: it is what one works on. */
function useChosenPlan(kept: string | undefined): Chosen {
  const draft = useOpenDraft()
  const current = useDraft((store) => store.current)
  const open = draft && isDirty(draft) ? draft.history.present : null
  const value = kept ?? (open ? OPEN : addressOf(current))
  if (value === OPEN) return { plan: open, open, choice: open ? OPEN : '' }
  return { plan: value || null, open, choice: value }
}

export function SceneAsk({ process }: { process: ProcessDocument }) {
  const t = useWords(askWords)
  const place = `analysis:${process.id}`
  const form = useAskForm(place)
  const setForm = useAskMemory((store) => store.setForm)
  const parameters = useParameters(process.id)
  const { plan, open, choice } = useChosenPlan(form.plan)
  const against = form.against
  const past = usePast()
  const canRun = process.missing.length === 0 && !past
  const same = plan === null ? against === '' : plan === against
  const estimate = useEstimate({ analysis: process.id, parameters, seeds: form.seeds, stochastic: process.stochastic, compares: plan !== null })
  const ask = (kind: Question['kind']) =>
    void askIt(place, { kind, analysis: process.id, parameters, plan, against: against || null, seed: form.seed, seeds: form.seeds })
  const unsaved = open ? [{ value: OPEN, label: t('unsavedPlan', { title: open.title || open.plan }) }] : []
  return (
    <section className="plan-ask" aria-label={t('ask')}>
      <div className="fields-grid">
        <PlanChoice id={`${place}-plan`} label={t('plan')} value={choice} more={unsaved} onChange={(name) => setForm(place, { plan: name })} />
        {process.stochastic && <AskNumber kind="seed" place={place} value={form.seed} onChange={(seed) => setForm(place, { seed })} />}
        {plan !== null && (
          <>
            <PlanChoice id={`${place}-against`} label={t('against')} value={against} onChange={(name) => setForm(place, { against: name })} />
            {process.stochastic && <AskNumber kind="seeds" place={place} value={form.seeds} onChange={(seeds) => setForm(place, { seeds })} />}
          </>
        )}
      </div>
      <p className="soft numbers">{estimate}</p>
      <div className="ask-buttons">
        <Button type="primary" disabled={!canRun} onClick={() => ask('run')}>{t('run')}</Button>
        <Button disabled={!canRun || same} onClick={() => ask('comparison')}>{t('compare')}</Button>
        {same && <span className="soft">{plan === null ? t('compareNeedsPlan') : t('sameSides')}</span>}
      </div>
      <AskedJob place={place} unchanged={(question) => sameContent([question.plan, question.parameters], [plan, parameters])} />
    </section>
  )
}
