// A run: what was asked, what came out, where it lies on the map, how it was made.
import { Empty, Skeleton } from 'antd'
import { useEffect } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { formatQuantity } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import type { RunDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { NO_DECLARATION } from './layerChoice'
import { Cautions } from './panel/Cautions'
import { Downloads } from './panel/Downloads'
import { FactsTree } from './panel/FactsTree'
import { FigureList } from './panel/FigureList'
import { Fold } from './panel/Fold'
import { LayerChooser } from './panel/LayerChooser'
import { Moment } from './panel/Moment'
import { PanelHead } from './panel/PanelHead'
import { planTitle } from './panel/planWords'
import { Question } from './panel/Question'
import { Tables } from './panel/Tables'
import { useRun } from './queries'
import { runColumns, useRunChoice } from './useChoice'
import { words } from './words'
import './results.css'

function RunInFull({ run }: { run: RunDocument }) {
  const t = useWords(words)
  const text = useText()
  const language = useLanguage()
  const choice = useRunChoice(run)
  const declaration = run.declaration ?? NO_DECLARATION
  const base = `/api/runs/${run.run}`
  const rows = [
    { title: t('seed'), value: run.seed }, { title: t('cityVersion'), value: run.sequence },
    { title: t('when'), value: <Moment at={run.finished_at} /> }, { title: t('tookSeconds'), value: formatQuantity(run.seconds, 's', language) },
  ]
  const layers = Object.keys(run.layers).filter((name) => run.layers[name].rows > 0)
  return (
    <>
      <PanelHead kind={text(run.title)} title={planTitle(run.plan) ?? t('cityAsIs')} note={run.plan.note} synthetic={run.synthetic} />
      {!run.declaration && <p className="caution">{t('gone')}</p>}
      <Cautions warnings={run.warnings} unused={[{ side: null, edits: run.unused_edits, plan: run.plan }]} />
      <FigureList figures={run.figures} declared={declaration.figures} />
      <LayerChooser layers={run.layers} declaration={declaration} columns={runColumns} choice={choice} />
      <Tables tables={run.tables} declared={declaration.tables} />
      <Question analysis={run.analysis} parameters={run.parameters} plans={[{ title: t('measures'), plan: run.plan }]} rows={rows} />
      <Downloads
        base={base} receipt={`${base}/receipt`}
        layers={layers.map((name) => ({ title: declaration.layers[name]?.title ?? name, base: `${base}/layers/${name}`, plain: declaration.layers[name]?.geometry === 'None', column: choice?.layer === name ? choice.column : undefined }))}
        tables={Object.entries(run.tables).map(([name, table]) => ({ title: declaration.tables[name]?.title ?? name, href: table.href }))}
      />
      <Fold title={t('made')}><FactsTree facts={run.facts} /></Fold>
      {run.attribution.length > 0 && <p className="soft attribution">{t('attribution', { who: run.attribution.join('; ') })}</p>}
    </>
  )
}

export default function RunPanel() {
  const id = useAddress((address) => address.run)
  const comparison = useAddress((address) => address.comparison)
  const go = useAddress((address) => address.go)
  const t = useWords(words)
  const run = useRun(id)
  // One result at a time: what the map and the timeline show is what the panel tells of.
  useEffect(() => {
    if (id && comparison) go({ comparison: '' })
  }, [id, comparison, go])
  if (!id) return <Empty description={t('noRun')} image={Empty.PRESENTED_IMAGE_SIMPLE} />
  return (
    <article className="results-panel print-panel" aria-label={t('run')}>
      {run.data ? <RunInFull run={run.data} /> : run.error ? <ProblemNotice problem={run.error} retry={() => void run.refetch()} /> : <Skeleton active />}
    </article>
  )
}
