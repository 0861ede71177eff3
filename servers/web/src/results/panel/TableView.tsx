// One table of a result: as a chart where one tells it, as numbers always.
import { Segmented, Skeleton } from 'antd'
import { useMemo, useState } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import type { TableDeclaration } from '../../server/documents'
import { MOST_READ, chooseChart } from '../charts/chartChoice'
import { useTable } from '../queries'
import { words } from '../words'
import { TableChart } from './TableChart'
import { TablePage } from './TablePage'

type Props = { href: string; rows: number; declared: TableDeclaration | undefined }

export function TableView({ href, rows, declared }: Props) {
  const t = useWords(words)
  const [asked, setAsked] = useState<'chart' | 'numbers' | null>(null)
  const table = useTable(href, { limit: rows <= MOST_READ ? MOST_READ : 50 })
  const choice = useMemo(() => (table.data ? chooseChart(table.data, declared) : null), [table.data, declared])
  if (!table.data)
    return table.error ? <ProblemNotice problem={table.error} retry={() => void table.refetch()} /> : <Skeleton active paragraph={{ rows: 3 }} title={false} />
  const view = choice ? (asked ?? 'chart') : 'numbers'
  return (
    <div className="table-view">
      {choice && (
        <Segmented
          size="small" aria-label={t('showChart')} value={view} onChange={(next) => setAsked(next as 'chart' | 'numbers')}
          options={[{ value: 'chart', label: t('chart') }, { value: 'numbers', label: t('asTable') }]}
        />
      )}
      {view === 'chart' && choice ? <TableChart table={table.data} choice={choice} href={href} /> : <TablePage href={href} />}
    </div>
  )
}
