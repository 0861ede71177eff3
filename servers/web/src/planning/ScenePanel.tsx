// A scene, entirely from its declarations: its analyses, what they need, their forms, runs.
import { useQuery } from '@tanstack/react-query'
import { Select, Skeleton } from 'antd'
import { useEffect } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useText, useWords } from '../language/words'
import { useProcesses, useScenarios } from '../server/cityQueries'
import type { ProcessSummary } from '../server/documents'
import { useAddress } from '../state/address'
import { useAskForm, useAskMemory } from './askMemory'
import { askWords } from './askWords'
import { MissingNeeds } from './MissingNeeds'
import { Parameters } from './Parameters'
import { PastNotice } from './PastNotice'
import { processQuery } from './processQueries'
import { RecentRuns } from './RecentRuns'
import { SceneAsk } from './SceneAsk'
import './planning.css'

export default function ScenePanel() {
  const t = useWords(askWords)
  const scene = useAddress((address) => address.scene)
  const scenarios = useScenarios()
  const processes = useProcesses()
  const scenario = scenarios.data?.find((one) => one.slug === scene)
  // what is known stays: the form must not go away because an answer could not be had anew
  const fault = (!scenarios.data && scenarios.error) || (!processes.data && processes.error)
  const retry = () => void Promise.all([scenarios.refetch(), processes.refetch()])
  if (fault) return <section className="planning"><ProblemNotice problem={fault} retry={retry} /></section>
  if (!scenarios.data || !processes.data) return <section className="planning"><Skeleton active /></section>
  if (!scenario)
    return (
      <section className="planning empty">
        <h2>{scene ? t('noSuchScene') : t('noScene')}</h2>
        {scene && <p>{t('noSuchSceneNext')}</p>}
      </section>
    )
  if (scenario.error)
    return (
      <section className="planning">
        <h2>{t('brokenScene')}</h2>
        <ProblemNotice problem={scenario.error} />
      </section>
    )
  const own = processes.data.filter((one) => scenario.analyses.includes(one.id))
  return <Scene key={scene} slug={scene} title={scenario.title} analyses={own} />
}

/** The one that the address names, else the one chosen here last, else the first. */
export function chosenAnalysis<T extends { id: string }>(analyses: T[], asked: string, last: string): T | undefined {
  const named = (id: string) => analyses.find((one) => one.id === id)
  return named(asked) ?? named(last) ?? analyses[0]
}

type SceneProps = { slug: string; title: ProcessSummary['titles'] | null; analyses: ProcessSummary[] }

function Scene({ slug, title, analyses }: SceneProps) {
  const t = useWords(askWords)
  const textOf = useText()
  const place = `scene:${slug}`
  const form = useAskForm(place)
  const setForm = useAskMemory((store) => store.setForm)
  const asked = useAddress((address) => address.analysis)
  const go = useAddress((address) => address.go)
  const chosen = chosenAnalysis(analyses, asked, form.analysis)
  const id = chosen?.id ?? ''
  useEffect(() => {
    if (id !== asked) go({ analysis: id }) // a link then leads to the analysis that is seen, wherever it is opened
  }, [id, asked, go])
  const choose = (analysis: string) => {
    setForm(place, { analysis })
    go({ analysis })
  }
  return (
    <section className="planning" aria-labelledby="scene-heading">
      <h2 id="scene-heading">{textOf(title)}</h2>
      <PastNotice what="scene" />
      {analyses.length > 1 && (
        <div className="field">
          <label className="field-label" htmlFor="scene-analysis">{t('analysis')}</label>
          <Select
            id="scene-analysis" className="quantity" value={chosen?.id} onChange={choose}
            options={analyses.map((one) => ({ value: one.id, label: textOf(one.titles) }))}
          />
        </div>
      )}
      {chosen && <Analysis key={chosen.id} summary={chosen} alone={analyses.length === 1} />}
    </section>
  )
}

function Analysis({ summary, alone }: { summary: ProcessSummary; alone: boolean }) {
  const t = useWords(askWords)
  const textOf = useText()
  const { data: process, error, refetch } = useQuery(processQuery(summary.id))
  return (
    <>
      {alone && <h3>{textOf(summary.titles)}</h3>}
      <p className="soft">{textOf(summary.descriptions) || summary.description}</p>
      <MissingNeeds process={summary} />
      <ProblemNotice problem={error} retry={() => void refetch()} />
      {!process && !error && <Skeleton active />}
      {process && (
        <>
          <section aria-label={t('settingsOf', { what: textOf(summary.titles) })}><Parameters process={process} name="scene" /></section>
          <SceneAsk process={process} />
          <RecentRuns analysis={summary.id} />
        </>
      )}
    </>
  )
}
