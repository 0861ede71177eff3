// A table as the chart that tells it best.
import { Select } from 'antd'
import { useMemo, useState } from 'react'
import { Chart } from '../charts/Chart'
import { useChartTheme } from '../charts/useChartTheme'
import { Histogram } from '../charts/Histogram'
import { RankingBars } from '../charts/RankingBars'
import { numberOf, valueBins } from '../charts/changes'
import { rowLabels, type ChartChoice } from '../charts/chartChoice'
import { linePoints, linesOption } from '../charts/lines'
import { formatNumber, shownUnit, shownValue } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { TableDocument } from '../../server/documents'
import { useTable } from '../queries'
import { categoryColor } from '../scales/palette'
import { words } from '../words'

type Of<K> = Extract<NonNullable<ChartChoice>, { kind: K }>
type Props<K> = { table: TableDocument; choice: Of<K> }

function useTitles(table: TableDocument) {
  const text = useText()
  return (name: string) => text(table.columns.find((column) => column.name === name)?.title ?? name)
}

const unitOf = (table: TableDocument, name: string) => table.columns.find((column) => column.name === name)?.unit ?? ''

function TimeChart({ table, choice, group }: Props<'time'> & { group: Of<'time'>['groups'][number] }) {
  const titleOf = useTitles(table)
  const language = useLanguage()
  const theme = useChartTheme()
  const option = useMemo(
    () => linesOption(group.columns.map((column) => ({ name: titleOf(column), points: linePoints(table, choice.axis, column, group.unit) })), group.unit, theme, language),
    [table, choice, group, theme, language], // eslint-disable-line -- titles follow the language
  )
  return (
    <figure className="chart-figure">
      <figcaption className="chart-key">
        {group.columns.map((column, place) => (
          <span key={column}><i style={{ background: categoryColor(place, theme) }} />{titleOf(column)}</span>
        ))}
      </figcaption>
      <Chart option={option} label={group.columns.map(titleOf).join(', ')} height={180} />
    </figure>
  )
}

function Ranking({ table, choice }: Props<'ranking'>) {
  const titleOf = useTitles(table)
  const t = useWords(words)
  const [column, setColumn] = useState(choice.columns[0])
  const labels = rowLabels(table, choice.labels)
  const rows = labels.map((label, row) => ({ label, value: numberOf(table.data[column]?.[row]) }))
  return (
    <figure className="chart-figure">
      {choice.columns.length > 1 ? (
        <Select size="small" aria-label={t('shownValue')} value={column} onChange={setColumn} options={choice.columns.map((one) => ({ value: one, label: titleOf(one) }))} />
      ) : <figcaption>{titleOf(column)}</figcaption>}
      <RankingBars rows={rows} unit={unitOf(table, column)} label={`${t('perRow')}: ${titleOf(column)}`} />
    </figure>
  )
}

const SAMPLE = 5000

function Distribution({ table, choice, href }: Props<'distribution'> & { href: string }) {
  const titleOf = useTitles(table)
  const t = useWords(words)
  const language = useLanguage()
  const unit = unitOf(table, choice.column)
  const sample = useTable(href, { sample: SAMPLE, seed: 1, columns: choice.column }).data
  const bins = useMemo(
    () => valueBins((sample?.data[choice.column] ?? []).map(numberOf).filter((value): value is number => value !== null).map((value) => shownValue(value, unit))),
    [sample, choice.column, unit],
  )
  const shown = sample?.data[choice.column]?.length ?? 0
  return (
    <figure className="chart-figure">
      <figcaption>{t('distribution')}: {titleOf(choice.column)}</figcaption>
      <Histogram bins={bins} unit={shownUnit(unit, language)} label={`${t('distribution')}: ${titleOf(choice.column)}`} />
      {shown < table.rows && <p className="soft">{t('sampled', { shown: formatNumber(shown, language), all: formatNumber(table.rows, language) })}</p>}
    </figure>
  )
}

export function TableChart({ table, choice, href }: { table: TableDocument; choice: NonNullable<ChartChoice>; href: string }) {
  if (choice.kind === 'ranking') return <Ranking table={table} choice={choice} />
  if (choice.kind === 'distribution') return <Distribution table={table} choice={choice} href={href} />
  return <>{choice.groups.map((group) => <TimeChart key={group.unit} table={table} choice={choice} group={group} />)}</>
}
