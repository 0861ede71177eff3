// Gains and losses at a glance: difference and 95 % interval of each figure as a share of its baseline.
import { useMemo } from 'react'
import { useLanguage, useText, useWords } from '../../language/words'
import { comparisonWords } from '../comparisonWords'
import { MARKS, meaningOf, verdictWords, type Meaning } from '../verdicts'
import { comparedWords, decimalsFor, fixed, ownDecimals } from './aligned'
import { forestMark, forestReach, forestTicks, type ForestRow } from './forest'

const WIDTH = 200
const HEIGHT = 22

function Strip({ row, reach, meaning }: { row: ForestRow; reach: number; meaning: Meaning }) {
  const mark = forestMark(row, reach, WIDTH)
  const middle = HEIGHT / 2
  return (
    <svg className={`forest-strip verdict-${meaning}`} viewBox={`-8 0 ${WIDTH + 16} ${HEIGHT}`} aria-hidden="true">
      <line className="forest-zero" x1={WIDTH / 2} x2={WIDTH / 2} y1={0} y2={HEIGHT} />
      {mark && (
        <>
          <line className="forest-interval" x1={mark.low} x2={mark.high} y1={middle} y2={middle} />
          {mark.cutLow ? <path className="forest-arrow" d={`M-7 ${middle} l7 -4 v8 z`} /> : <line className="forest-interval" x1={mark.low} x2={mark.low} y1={middle - 4} y2={middle + 4} />}
          {mark.cutHigh ? <path className="forest-arrow" d={`M${WIDTH + 7} ${middle} l-7 -4 v8 z`} /> : <line className="forest-interval" x1={mark.high} x2={mark.high} y1={middle - 4} y2={middle + 4} />}
          {meaning === 'unclear' || meaning === 'unknown'
            ? <circle className="forest-dot" cx={mark.dot} cy={middle} r={4} />
            : <path className="forest-dot" d={`M${mark.dot - 5} ${middle} l5 -5 l5 5 l-5 5 z`} />}
        </>
      )}
    </svg>
  )
}

function Axis({ reach }: { reach: number }) {
  const language = useLanguage()
  return (
    <svg className="forest-strip forest-axis" viewBox={`-8 0 ${WIDTH + 16} 16`} aria-hidden="true">
      {forestTicks(reach).map((tick, place) => (
        <text key={tick} x={((tick + reach) / (2 * reach)) * WIDTH} y={12} textAnchor={place === 0 ? 'start' : place === 4 ? 'end' : 'middle'}>
          {fixed(tick, ownDecimals(tick), language, true)}{place === 4 ? ' %' : ''}
        </text>
      ))}
    </svg>
  )
}

export function ForestPlot({ rows }: { rows: ForestRow[] }) {
  const t = useWords(comparisonWords)
  const said = useWords(verdictWords)
  const text = useText()
  const language = useLanguage()
  const reach = useMemo(() => forestReach(rows), [rows])
  return (
    <figure className="forest" aria-label={t('forest')}>
      <ul>
        {rows.map((row) => {
          const meaning = meaningOf(row.verdict)
          const shown = comparedWords(row.figure, row.unit, language)
          return (
            <li key={row.name} className={`forest-row verdict-${meaning}`}>
              <div className="forest-title">
                <span>{text(row.title)}</span>
                <span className="forest-verdict"><span aria-hidden="true">{MARKS[meaning]}</span> {said(meaning)}</span>
              </div>
              <Strip row={row} reach={reach} meaning={meaning} />
              <div className="forest-numbers numbers">
                {shown.difference} {shown.differenceUnit}
                {row.share !== null && <small>{fixed(row.share, decimalsFor([row.share], row.high !== null && row.low !== null && row.high > row.low ? (row.high - row.low) / 2 : null), language, true)} %</small>}
                {row.share === null && row.figure.difference !== null && row.figure.difference !== 0 && <small>{t('noShare')}</small>}
              </div>
            </li>
          )
        })}
      </ul>
      <div className="forest-row forest-foot"><Axis reach={reach} /></div>
      <figcaption>{t('forest')}</figcaption>
    </figure>
  )
}
