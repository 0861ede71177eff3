// Both sides over the time of day, from the first pair's tables that run over time.
import { Select } from 'antd'
import { useMemo } from 'react'
import { shownUnit } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { ComparisonDocument, Declaration, RunDocument, TableDocument } from '../../server/documents'
import { Chart } from '../charts/Chart'
import { useChartTheme } from '../charts/useChartTheme'
import { CHART } from '../charts/chartTheme'
import { MOST_READ, chooseChart } from '../charts/chartChoice'
import { linePoints, linesOption, sideLine } from '../charts/lines'
import { comparisonWords } from '../comparisonWords'
import { useAddress } from '../../state/address'
import { useRun, useTable } from '../queries'
import { useSideNames, type SideNames } from '../sideNames'
import { curveOf, withCurve } from './curveChoice'

type Curves = { axis: string; columns: { name: string; unit: string }[] }

function curvesOf(table: TableDocument | undefined): Curves | null {
  const choice = table ? chooseChart(table, undefined) : null
  if (choice?.kind !== 'time') return null
  return { axis: choice.axis, columns: choice.groups.flatMap((group) => group.columns.map((name) => ({ name, unit: group.unit }))) }
}

type Props = { name: string; runs: Record<keyof SideNames, RunDocument>; sides: SideNames; declaration: Declaration }

function TableCurves({ name, runs, sides, declaration }: Props) {
  const t = useWords(comparisonWords)
  const text = useText()
  const language = useLanguage()
  const theme = useChartTheme()
  const curve = useAddress((address) => address.curve)
  const go = useAddress((address) => address.go)
  const wanted = curveOf(curve, name)
  const baseline = useTable(runs.baseline.tables[name]?.href ?? null, { limit: MOST_READ }).data
  const plan = useTable(runs.plan.tables[name]?.href ?? null, { limit: MOST_READ }).data
  const curves = useMemo(() => curvesOf(plan), [plan])
  const column = curves?.columns.find((one) => one.name === wanted) ?? curves?.columns[0]
  const option = useMemo(() => {
    if (!baseline || !plan || !curves || !column) return null
    const line = (side: 'baseline' | 'plan', table: TableDocument) => sideLine(side, sides[side], linePoints(table, curves.axis, column.name, column.unit), theme)
    return linesOption([line('baseline', baseline), line('plan', plan)], column.unit, theme, language)
  }, [baseline, plan, curves, column, theme, language, sides])
  if (!curves || !column || !option) return null
  const titleOf = (one: string) => text(declaration.tables[name]?.columns[one]?.title ?? one)
  const colors = CHART[theme]
  return (
    <figure className="chart-figure">
      <figcaption className="chart-key">
        <Select size="small" aria-label={t('choose')} value={column.name} onChange={(next) => go({ curve: withCurve(curve, name, next) })} options={curves.columns.map((one) => ({ value: one.name, label: titleOf(one.name) }))} />
        <span><i className="dashed" style={{ borderColor: colors.baseline }} />{sides.baseline}</span>
        <span><i style={{ background: colors.accent }} />{sides.plan}</span>
      </figcaption>
      <Chart option={option} label={`${titleOf(column.name)} (${shownUnit(column.unit, language)}): ${sides.baseline}, ${sides.plan}`} height={190} />
    </figure>
  )
}

export function SideSeries({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const sides = useSideNames(comparison)
  const pair = comparison.runs[0]
  const baseline = useRun(pair?.baseline ?? '').data
  const plan = useRun(pair?.plan ?? '').data
  if (!baseline || !plan || !comparison.declaration) return null
  const short = Object.keys(plan.tables).filter((name) => plan.tables[name].rows > 2 && plan.tables[name].rows <= MOST_READ && name in baseline.tables)
  if (short.length === 0) return null
  return (
    <section className="result-part side-series">
      <h3>{t('overTime')}</h3>
      <p className="soft">{t('overTimeHelp', { seed: comparison.seeds[0] })}</p>
      {short.map((name) => <TableCurves key={name} name={name} runs={{ baseline, plan }} sides={sides} declaration={comparison.declaration!} />)}
    </section>
  )
}
