// A paired table: how many rows are better or worse, each row before and after, and how the differences are spread.
import { Skeleton } from 'antd'
import { useMemo } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { differenceUnit, formatNumber, shownUnit, shownValue } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { Better, ComparedTable, TableDeclaration } from '../../server/documents'
import { Chart } from '../charts/Chart'
import { useChartTheme } from '../charts/useChartTheme'
import { Histogram } from '../charts/Histogram'
import { CLASSES, differenceBins, scatterPoints, type Bin } from '../charts/changes'
import { scatterOption } from '../charts/scatter'
import { comparisonWords } from '../comparisonWords'
import { columnOf } from '../layerChoice'
import { useTable } from '../queries'
import type { SideNames } from '../sideNames'
import { meaningOfSign } from '../verdicts'
import { Fold } from './Fold'
import { TablePage } from './TablePage'

const SAMPLE = 5000
const ALL = [...CLASSES, 'only_baseline', 'only_plan'] as const
type Props = { name: string; table: ComparedTable; declared: TableDeclaration | undefined; sides: SideNames }

/** Words for the classes: where neither direction is better, a gain is merely more. */
function useClassWords(better: Better): Record<(typeof ALL)[number], string> {
  const t = useWords(comparisonWords)
  const neutral = better === 'neither'
  return { gained: t(neutral ? 'rose' : 'gained'), lost: t(neutral ? 'fell' : 'lost'), unchanged: t('unchanged'), only_baseline: t('only_baseline'), only_plan: t('only_plan') }
}

function Counts({ table, said }: { table: ComparedTable; said: ReturnType<typeof useClassWords> }) {
  const t = useWords(comparisonWords)
  const language = useLanguage()
  const total = ALL.reduce((sum, one) => sum + table[one], 0) || 1
  return (
    <div className="class-counts">
      <div className="class-bar" aria-hidden="true">{ALL.map((one) => <span key={one} className={`class-${one}`} style={{ flexGrow: table[one] / total }} />)}</div>
      <ul aria-label={t('counts')}>
        {ALL.filter((one) => table[one] > 0 || CLASSES.includes(one as never)).map((one) => (
          <li key={one}><i className={`class-mark class-${one}`} aria-hidden="true" />{said[one]} <strong className="numbers">{formatNumber(table[one], language)}</strong></li>
        ))}
      </ul>
    </div>
  )
}

export function PairedRows({ name, table, declared, sides }: Props) {
  const t = useWords(comparisonWords)
  const text = useText()
  const language = useLanguage()
  const theme = useChartTheme()
  const column = columnOf(declared?.columns, table.column)
  const said = useClassWords(column.better)
  const factor = shownValue(1, table.unit)
  const unit = shownUnit(table.unit, language)
  const title = text(column.title)
  const sample = useTable(table.href, { sample: SAMPLE, seed: 1, columns: 'baseline,plan' })
  const points = useMemo(() => (sample.data ? scatterPoints(sample.data, column.better, table.tolerance, factor) : null), [sample.data, column.better, table.tolerance, factor])
  const bins = useMemo(() => (sample.data ? differenceBins(sample.data, factor) : []), [sample.data, factor])
  const option = useMemo(
    () => points && scatterOption(points, table.tolerance * factor, { ...sides, ...said, unit }, theme, language),
    [points, table.tolerance, factor, unit, theme, language, sides], // eslint-disable-line -- words follow the language
  )
  const classOf = ({ from, to }: Bin) => `bar bar-${meaningOfSign((from + to) / 2, column.better)}${column.better === 'neither' ? (from < 0 ? ' bar-less' : ' bar-more') : ''}`
  const shown = sample.data?.data.baseline?.length ?? 0
  return (
    <section className="result-part">
      <h3>{t('rowsTitle', { table: text(declared?.title ?? name) })}</h3>
      <Counts table={table} said={said} />
      {sample.error && !sample.data && <ProblemNotice problem={sample.error} retry={() => void sample.refetch()} />}
      {sample.isPending && <Skeleton active title={false} paragraph={{ rows: 5 }} />}
      {option && (
        <>
          <p className="soft">{t('rowsHelp', { column: title })}</p>
          <Chart option={option} label={t('scatter', { column: title })} height={300} />
          <p className="soft">
            {table.tolerance > 0 && t('within', { tolerance: `${formatNumber(table.tolerance * factor, language)} ${differenceUnit(table.unit, language)}`.trimEnd() })}{' '}
            {shown < table.rows && t('sampleNote', { shown: formatNumber(shown, language), all: formatNumber(table.rows, language) })}
          </p>
          <figure className="chart-figure">
            <figcaption>{t('histogram', { column: title })}</figcaption>
            <Histogram bins={bins} unit={differenceUnit(table.unit, language)} label={t('histogram', { column: title })} sign clipped classOf={classOf} />
          </figure>
        </>
      )}
      <Fold openedOnly title={t('allRows')}><TablePage href={table.href} classes={said} /></Fold>
    </section>
  )
}
