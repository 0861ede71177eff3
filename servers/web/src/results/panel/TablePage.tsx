// A result table, page by page as the server hands it out, sorted there too.
import { Table } from 'antd'
import type { ColumnsType } from 'antd/es/table'
import { useMemo, useState } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { formatClock, formatNumber, shownUnit, shownValue } from '../../language/quantities'
import { useLanguage, useText, useWords, type Language, type Text } from '../../language/words'
import type { TableDocument } from '../../server/documents'
import { clockColumns } from '../charts/chartChoice'
import { useTable } from '../queries'
import { words } from '../words'
import { plainValue } from './planWords'

const SIZE = 10
type Row = { key: number; [column: string]: unknown }
type Props = { href: string; classes?: Record<string, string> }

function cell(value: unknown, unit: string, clock: boolean, language: Language, yes: string, no: string): string {
  if (value === null || value === undefined || value === '') return '–'
  if (typeof value === 'number') return clock ? formatClock(value, true) : formatNumber(shownValue(value, unit), language)
  return typeof value === 'boolean' ? (value ? yes : no) : plainValue(value)
}

export function TablePage({ href, classes = {} }: Props) {
  const [page, setPage] = useState(1)
  const [sort, setSort] = useState<string | undefined>()
  const part = useTable(href, { limit: SIZE, offset: (page - 1) * SIZE, sort })
  // Whether seconds are clock times is seen from the rows in their own order, not in one the reader chose.
  const first = useTable(href, { limit: SIZE, offset: 0 })
  const language = useLanguage()
  const text = useText()
  const t = useWords(words)
  const clocks = useMemo(() => (first.data ? clockColumns(first.data) : []), [first.data])
  const columns = useMemo<ColumnsType<Row>>(() => columnsOf(part.data ?? first.data, clocks, text, language, t('yes'), t('no'), classes), [part.data, first.data, clocks, language]) // eslint-disable-line
  const rows = useMemo<Row[]>(() => rowsOf(part.data, (page - 1) * SIZE), [part.data, page])
  const again = () => void Promise.all([first.refetch(), part.refetch()])
  if (!part.data && !first.data && part.error) return <ProblemNotice problem={part.error} retry={again} />
  return (
    <>
      {/* A page that did not come leaves the table with its pages: the reader can go back. */}
      {!part.data && part.error && <ProblemNotice problem={part.error} retry={again} />}
      <Table<Row>
        size="small" className="result-table numbers" columns={columns} dataSource={rows} loading={part.isPending} scroll={{ x: 'max-content' }}
        locale={{ emptyText: t('emptyTable') }}
        pagination={{ current: page, pageSize: SIZE, total: (part.data ?? first.data)?.rows ?? 0, showSizeChanger: false, size: 'small', hideOnSinglePage: true }}
        onChange={(pages, _filters, sorter) => {
          const one = Array.isArray(sorter) ? sorter[0] : sorter
          const next = one?.order ? `${one.order === 'descend' ? '-' : ''}${String(one.field)}` : undefined
          setSort(next)
          setPage(next === sort ? (pages.current ?? 1) : 1)
        }}
      />
    </>
  )
}

function rowsOf(part: TableDocument | undefined, offset: number): Row[] {
  if (!part) return []
  const count = Object.values(part.data)[0]?.length ?? 0
  return Array.from({ length: count }, (_, row) => ({ key: offset + row, ...Object.fromEntries(part.columns.map(({ name }) => [name, part.data[name]?.[row]])) }))
}

function columnsOf(
  part: TableDocument | undefined, clocks: string[], text: (one: Text) => string, language: Language, yes: string, no: string, classes: Record<string, string>,
): ColumnsType<Row> {
  return (part?.columns ?? []).map(({ name, title, unit, dtype }) => {
    const clock = clocks.includes(name)
    const shown = clock ? '' : shownUnit(unit, language)
    return {
      key: name, dataIndex: name, title: shown ? `${text(title)} (${shown})` : text(title), sorter: true, showSorterTooltip: false,
      align: /^(float|int|uint)/.test(dtype) ? ('right' as const) : ('left' as const),
      render: (value: unknown) => (typeof value === 'string' && value in classes ? classes[value] : cell(value, unit, clock, language, yes, no)),
    }
  })
}
