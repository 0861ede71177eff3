// Rows ranked by a value: a list with bars, which is its own table.
import { formatQuantity } from '../../language/quantities'
import { useLanguage } from '../../language/words'

export type Ranked = { label: string; value: number | null }

/** Largest first; rows without a value last. */
export function ranked(rows: Ranked[]): Ranked[] {
  return [...rows].sort((a, b) => (b.value ?? -Infinity) - (a.value ?? -Infinity))
}

export function RankingBars({ rows, unit, label }: { rows: Ranked[]; unit: string; label: string }) {
  const language = useLanguage()
  const most = Math.max(...rows.map((row) => Math.abs(row.value ?? 0)), 0) || 1
  return (
    <ol className="ranking" aria-label={label}>
      {ranked(rows).map((row, place) => (
        <li key={`${row.label} ${place}`}>
          <span className="ranking-label">{row.label || '–'}</span>
          <span className="ranking-track" aria-hidden="true"><span style={{ width: `${(100 * Math.abs(row.value ?? 0)) / most}%` }} /></span>
          <span className="ranking-value numbers">{formatQuantity(row.value, unit, language)}</span>
        </li>
      ))}
    </ol>
  )
}
