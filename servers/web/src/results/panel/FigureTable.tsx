// All figures of a comparison in numbers; p values on demand.
import { Checkbox } from 'antd'
import { useState } from 'react'
import { useLanguage, useText, useWords } from '../../language/words'
import type { ComparisonDocument } from '../../server/documents'
import { comparedWords } from '../charts/aligned'
import type { ForestRow } from '../charts/forest'
import { comparisonWords } from '../comparisonWords'
import { MARKS, meaningOf, verdictWords } from '../verdicts'
import { words } from '../words'
import { planTitle } from './planWords'

function probability(p: number | null): string {
  if (p === null) return '–'
  return p < 0.001 ? '< 0.001' : p.toFixed(3)
}

type Props = { rows: ForestRow[]; label: string; sides: Pick<ComparisonDocument, 'plan' | 'against'> }

export function FigureTable({ rows, label, sides }: Props) {
  const [withP, setWithP] = useState(false)
  const t = useWords(comparisonWords)
  const shared = useWords(words)
  const said = useWords(verdictWords)
  const text = useText()
  const language = useLanguage()
  return (
    <>
      <Checkbox checked={withP} onChange={(event) => setWithP(event.target.checked)}>{t('showP')}</Checkbox>
      <div className="scroll-x" tabIndex={0} role="region" aria-label={label}>
        <table className="figure-table numbers">
          <thead>
            <tr>
              <th scope="col">{t('figure')}</th><th scope="col">{t('baseline')}<small className="side-title">{planTitle(sides.against) ?? shared('cityAsIs')}</small></th><th scope="col">{t('plan')}<small className="side-title">{planTitle(sides.plan) ?? shared('cityAsIs')}</small></th>
              <th scope="col">{t('difference')}<small>{t('interval')}</small></th>
              {withP && <th scope="col">{t('p')}</th>}
              <th scope="col">{t('verdictColumn')}</th>
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => {
              const shown = comparedWords(row.figure, row.unit, language)
              const meaning = meaningOf(row.verdict)
              return (
                <tr key={row.name}>
                  <th scope="row">{text(row.title)}{shown.unit && <small> ({shown.unit})</small>}</th>
                  <td>{shown.baseline}</td><td>{shown.plan}</td><td>{shown.difference}{shown.differenceUnit !== shown.unit && ` ${shown.differenceUnit}`}{shown.interval && <small>{shown.interval}</small>}</td>
                  {withP && <td>{probability(row.figure.p_adjusted)}</td>}
                  <td className={`verdict-${meaning} verdict-words`} title={said(meaning)}><span aria-hidden="true">{MARKS[meaning]}</span> <span className={meaning === 'unclear' || meaning === 'unknown' ? 'visually-hidden' : ''}>{said(meaning)}</span></td>
                </tr>
              )
            })}
          </tbody>
        </table>
      </div>
    </>
  )
}
