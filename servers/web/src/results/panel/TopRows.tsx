// Where it changes most: the rows with the largest clear differences; a click goes there.
import { Button, Skeleton } from 'antd'
import { useMemo } from 'react'
import { showGeometry } from '../../map/showPlace'
import { ProblemNotice } from '../../app/ProblemNotice'
import { formatDifference, formatNumber, shownValue } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { ColumnDeclaration, ComparedLayer } from '../../server/documents'
import { useAddress } from '../../state/address'
import { extremes, type Extreme } from '../charts/extremes'
import { comparisonWords } from '../comparisonWords'
import { useFeatureName, useRowCollection } from '../map/useRowCollection'
import { useRows } from '../queries'
import { words } from '../words'

type Props = { layer: ComparedLayer; column: string; declared: ColumnDeclaration; geometry: string; seedRows: boolean }

function TopRow({ extreme, unit, collection }: { extreme: Extreme; unit: string; collection: string | null }) {
  const go = useAddress((address) => address.go)
  const t = useWords(comparisonWords)
  const shared = useWords(words)
  const language = useLanguage()
  const id = String(extreme.row.id)
  const name = useFeatureName(collection, id, language) ?? shared('unnamed')
  const amount = (value: number | null) => (value === null ? '–' : formatNumber(shownValue(value, unit), language))
  const show = () => {
    void showGeometry(extreme.row.geometry)
    if (collection) go({ selected: `${collection}:${id}` })
  }
  return (
    <li>
      <Button type="link" size="small" aria-label={t('goThere', { name })} onClick={show}>{name}</Button>
      <span className="numbers soft">{amount(extreme.baseline)} → {amount(extreme.plan)}</span>
      <strong className="numbers">{formatDifference(extreme.difference, unit, language)}</strong>
    </li>
  )
}

export function TopRows({ layer, column, declared, geometry, seedRows }: Props) {
  const t = useWords(comparisonWords)
  const text = useText()
  const parts = ['difference', 'clear', 'baseline', 'plan'].map((part) => `${column}_${part}`)
  const rows = useRows(layer.rows > 0 ? layer.href : null, parts)
  const collection = useRowCollection(seedRows ? null : layer.href, geometry)
  const found = useMemo(() => (rows.data ? extremes(rows.data, column, declared.better) : null), [rows.data, column, declared.better])
  if (!found) return rows.error ? <ProblemNotice problem={rows.error} retry={() => void rows.refetch()} /> : <Skeleton active title={false} paragraph={{ rows: 4 }} />
  const neutral = declared.better === 'neither'
  const lists = [[neutral ? 'decreases' : 'losses', found.losses, neutral ? 'change' : 'loss'], [neutral ? 'increases' : 'gains', found.gains, neutral ? 'change' : 'gain']] as const
  return (
    <section className="result-part">
      <h3>{t('clearest')}: {text(declared.title)}</h3>
      {found.losses.length + found.gains.length === 0 && <p className="soft">{t('noClearRows')}</p>}
      {lists.filter(([, list]) => list.length > 0).map(([title, list, meaning]) => (
        <div key={title}>
          <h4 className={`verdict-${meaning} verdict-words`}>{t(title)}</h4>
          <ol className="top-rows">{list.map((extreme) => <TopRow key={String(extreme.row.id)} extreme={extreme} unit={declared.unit} collection={collection} />)}</ol>
        </div>
      ))}
      {rows.data && rows.data.length < layer.rows && <p className="soft">{t('tooMany', { n: rows.data.length })}</p>}
    </section>
  )
}
