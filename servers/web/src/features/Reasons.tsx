import { formatNumber } from '../language/quantities'
import { useLanguage, useText, type Text } from '../language/words'

type Props = { title: string; reasons: Record<string, number>; words: Record<string, Text>; /** What the bars are a share of. */ of: number }

/** Reasons with counts, the most frequent first, each with a bar of its share. */
export function Reasons({ title, reasons, words, of }: Props) {
  const language = useLanguage()
  const text = useText()
  const rows = Object.entries(reasons).sort(([, one], [, other]) => other - one)
  if (rows.length === 0) return null
  return (
    <>
      <h4 className="soft">{title}</h4>
      <ul className="reasons numbers">
        {rows.map(([reason, count]) => (
          <li key={reason}>
            <span>{text(words[reason]) || reason}</span>
            <span className="bar" aria-hidden="true"><span style={{ inlineSize: `${of ? Math.min(100, (count / of) * 100) : 0}%` }} /></span>
            <span className="count">{formatNumber(count, language)}</span>
          </li>
        ))}
      </ul>
    </>
  )
}
