// Run and compare the open plan, saved or not.
import { SettingOutlined } from '@ant-design/icons'
import { Button, Select, Skeleton } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useText, useWords } from '../language/words'
import { useProcesses } from '../server/cityQueries'
import type { Plan, ProcessSummary } from '../server/documents'
import { AskNumber } from './AskNumbers'
import { AskedJob } from './AskedJob'
import { askIt, type Question } from './asking'
import { useAskForm, useAskMemory, useParameters } from './askMemory'
import { askWords } from './askWords'
import { useMissing } from './MissingNeeds'
import { Parameters } from './Parameters'
import { PlanChoice } from './PlanChoice'
import { sameContent } from './planContent'
import { useProcessDocument } from './processQueries'
import { useEstimate } from './useEstimate'

type Props = {
  place: string
  plan: Plan
  sound: boolean
  /** Scenario that the plan's first measure comes from: its analyses are asked first. */
  scenario: string | undefined
}

export function PlanAsk(props: Props) {
  const t = useWords(askWords)
  const { data: processes, error, refetch } = useProcesses()
  return (
    <section className="plan-ask" aria-label={t('ask')}>
      <h3>{t('ask')}</h3>
      <ProblemNotice problem={error} retry={() => void refetch()} />
      {processes ? <Ask {...props} processes={processes} /> : !error && <Skeleton active />}
    </section>
  )
}

const canRun = (process: ProcessSummary) => !process.missing?.length

function Ask({ place, plan, sound, scenario, processes }: Props & { processes: ProcessSummary[] }) {
  const t = useWords(askWords)
  const form = useAskForm(place)
  const setForm = useAskMemory((store) => store.setForm)
  const [settings, setSettings] = useState(false)
  const chosen =
    processes.find((one) => one.id === form.analysis) ?? processes.find((one) => canRun(one) && one.scenario === scenario)
    ?? processes.find(canRun) ?? processes[0]
  const analysis = chosen?.id ?? ''
  const { data: process, error } = useProcessDocument(settings ? analysis : '')
  const parameters = useParameters(analysis)
  const estimate = useEstimate({ analysis, parameters, seeds: form.seeds, stochastic: chosen?.stochastic ?? true, compares: true })
  const empty = plan.measures.length === 0
  const usable = sound && !empty && chosen !== undefined && canRun(chosen)
  const ask = (kind: Question['kind']) =>
    void askIt(place, { kind, analysis, parameters, plan, against: form.against || null, seed: form.seed, seeds: form.seeds })
  return (
    <>
      <AnalysisChoice processes={processes} value={analysis} onChange={(id) => setForm(place, { analysis: id })} />
      <Button type="link" size="small" className="flush" icon={<SettingOutlined aria-hidden />} aria-expanded={settings} onClick={() => setSettings(!settings)}>{t('parameters')}</Button>
      {settings && process && <Parameters process={process} name="plan-parameters" />}
      {settings && <ProblemNotice problem={error} />}
      <div className="fields-grid">
        <PlanChoice id={`${place}-against`} label={t('against')} value={form.against} without={plan.plan} onChange={(against) => setForm(place, { against })} />
        {chosen?.stochastic !== false && <AskNumber kind="seeds" place={place} value={form.seeds} onChange={(seeds) => setForm(place, { seeds })} />}
      </div>
      <p className="soft numbers">{chosen?.stochastic === false ? t('noChance') : ''} {estimate}</p>
      <div className="ask-buttons">
        <Button type="primary" disabled={!usable} onClick={() => ask('comparison')}>{t('compare')}</Button>
        <Button disabled={!usable} onClick={() => ask('run')}>{t('run')}</Button>
        {empty && <span className="soft">{t('emptyPlan')}</span>}
        {!empty && !sound && <span className="soft">{t('planProblem')}</span>}
      </div>
      <AskedJob place={place} unchanged={(question) => sameContent(measuresOf(question), plan.measures)} />
    </>
  )
}

const measuresOf = ({ plan }: Question) => (plan !== null && typeof plan === 'object' ? plan.measures : null)

type ChoiceProps = { processes: ProcessSummary[]; value: string; onChange: (id: string) => void }

/** Analyses by scenario; those whose needs the city lacks cannot be chosen, and say why. */
function AnalysisChoice({ processes, value, onChange }: ChoiceProps) {
  const t = useWords(askWords)
  const textOf = useText()
  const missing = useMissing()
  const scenarios = [...new Set(processes.map((one) => one.scenario))]
  const options = scenarios.map((scenario) => {
    const group = processes.filter((one) => one.scenario === scenario)
    const options = group.map((one) => ({
      value: one.id, disabled: !canRun(one),
      label: canRun(one) ? textOf(one.titles) : `${textOf(one.titles)} — ${t('missingWhat', { what: missing(one) })}`,
    }))
    return { label: textOf(group[0].scenario_titles), title: scenario, options }
  })
  return (
    <div className="field">
      <label className="field-label" htmlFor="plan-analysis">{t('analysis')}</label>
      <Select id="plan-analysis" className="quantity" value={value || undefined} options={options} onChange={onChange} />
    </div>
  )
}
