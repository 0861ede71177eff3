// A comparison: the verdict first, then where, who, when; what was asked and how it was made.
import { Empty, Skeleton } from 'antd'
import { useEffect } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { formatNumber } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import type { ComparisonDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { comparisonWords } from './comparisonWords'
import { NO_DECLARATION, columnOf } from './layerChoice'
import { Cautions } from './panel/Cautions'
import { Downloads } from './panel/Downloads'
import { EachRun } from './panel/EachRun'
import { FactsTree } from './panel/FactsTree'
import { Fold } from './panel/Fold'
import { LayerChooser } from './panel/LayerChooser'
import { PairedRows } from './panel/PairedRows'
import { PanelHead } from './panel/PanelHead'
import { planTitle } from './panel/planWords'
import { Question } from './panel/Question'
import { SideSeries } from './panel/SideSeries'
import { TopRows } from './panel/TopRows'
import { Verdict } from './panel/Verdict'
import { useComparison } from './queries'
import { useSideNames } from './sideNames'
import { comparedColumns, useComparisonChoice } from './useChoice'
import { words } from './words'
import './results.css'

/** What the map shows, and the rows of it that stand out. */
function OnMap({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const language = useLanguage()
  const declaration = comparison.declaration ?? NO_DECLARATION
  const choice = useComparisonChoice(comparison)
  const layer = choice ? comparison.layers[choice.layer] : null
  const declared = choice ? declaration.layers[choice.layer] : undefined
  return (
    <>
      <LayerChooser layers={comparison.layers} declaration={declaration} columns={comparedColumns} choice={choice} />
      {layer && (layer.new > 0 || layer.gone > 0) && <p className="soft">{t('newRows', { n: formatNumber(layer.new, language), m: formatNumber(layer.gone, language) })}</p>}
      {layer && choice && <TopRows layer={layer} column={choice.column} declared={columnOf(declared?.columns, choice.column)} geometry={declared?.geometry ?? 'Any'} seedRows={declared?.ids === 'seed'} />}
    </>
  )
}

function ComparisonInFull({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const shared = useWords(words)
  const text = useText()
  const language = useLanguage()
  const declaration = comparison.declaration ?? NO_DECLARATION
  const base = `/api/comparisons/${comparison.id}`
  const choice = useComparisonChoice(comparison)
  const [plan, against] = [planTitle(comparison.plan) ?? shared('cityAsIs'), planTitle(comparison.against) ?? shared('cityAsIs')]
  const sides = useSideNames(comparison)
  const separator = language === 'zh' ? '、' : ', '
  const rows = [{ title: shared('seeds'), value: comparison.seeds.map((seed) => formatNumber(seed, language)).join(separator) }]
  const layers = Object.keys(comparison.layers).filter((name) => comparison.layers[name].rows > 0)
  return (
    <>
      <PanelHead kind={text(comparison.title)} title={plan} against={t('against', { baseline: against })} note={comparison.plan.note} synthetic={comparison.synthetic} />
      {!comparison.declaration && <p className="caution">{shared('gone')}</p>}
      <Verdict comparison={comparison} />
      <Cautions
        warnings={comparison.warnings}
        unused={[
          { side: sides.plan, edits: comparison.unused_edits, plan: comparison.plan },
          { side: sides.baseline, edits: comparison.unused_edits_against, plan: comparison.against },
        ]}
      />
      <OnMap comparison={comparison} />
      {Object.entries(comparison.tables).map(([name, table]) => <PairedRows key={name} name={name} table={table} declared={declaration.tables[name]} sides={sides} />)}
      <SideSeries comparison={comparison} />
      <Question
        analysis={comparison.analysis} parameters={comparison.parameters} rows={rows}
        plans={[{ title: t('measuresOf', { side: sides.plan }), plan: comparison.plan }, { title: t('measuresOf', { side: sides.baseline }), plan: comparison.against }]}
      />
      <Downloads
        base={base} layers={layers.map((name) => ({ title: declaration.layers[name]?.title ?? name, base: `${base}/layers/${name}`, plain: declaration.layers[name]?.geometry === 'None', column: choice?.layer === name ? choice.column : undefined }))}
        tables={Object.entries(comparison.tables).map(([name, table]) => ({ title: declaration.tables[name]?.title ?? name, href: table.href }))}
      />
      <EachRun comparison={comparison} />
      {Object.entries(comparison.facts).map(([side, facts]) => (
        <Fold key={side} title={t('made', { side: side === 'plan' || side === 'baseline' ? sides[side] : side })}>
          <FactsTree facts={facts as Record<string, unknown>} />
        </Fold>
      ))}
      {comparison.attribution.length > 0 && <p className="soft attribution">{shared('attribution', { who: comparison.attribution.join('; ') })}</p>}
    </>
  )
}

export default function ComparisonPanel() {
  const id = useAddress((address) => address.comparison)
  const run = useAddress((address) => address.run)
  const go = useAddress((address) => address.go)
  const t = useWords(words)
  const comparison = useComparison(id)
  // One result at a time: what the map and the timeline show is what the panel tells of.
  useEffect(() => {
    if (id && run) go({ run: '' })
  }, [id, run, go])
  if (!id) return <Empty description={t('noComparison')} image={Empty.PRESENTED_IMAGE_SIMPLE} />
  return (
    <article className="results-panel print-panel" aria-label={t('comparison')}>
      {comparison.data ? <ComparisonInFull comparison={comparison.data} /> : comparison.error ? <ProblemNotice problem={comparison.error} retry={() => void comparison.refetch()} /> : <Skeleton active />}
    </article>
  )
}
