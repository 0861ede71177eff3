// The verdict first: how many figures are better, worse, unclear; then each with its interval.
import { useMemo } from 'react'
import { formatNumber } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { ComparisonDocument } from '../../server/documents'
import { ForestPlot } from '../charts/ForestPlot'
import { forestRows } from '../charts/forest'
import { comparisonWords } from '../comparisonWords'
import { NO_DECLARATION } from '../layerChoice'
import { MARKS, byWeight, meaningOf, type Meaning } from '../verdicts'
import { words } from '../words'
import { FigureTable } from './FigureTable'
import { Fold } from './Fold'

const COUNTED = [['loss', 'clearLosses'], ['gain', 'clearGains'], ['change', 'clearChanges'], ['unclear', 'clearNone'], ['unknown', 'clearUnknown']] as const

export function Verdict({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const shared = useWords(words)
  const text = useText()
  const language = useLanguage()
  const declared = (comparison.declaration ?? NO_DECLARATION).figures
  const rows = useMemo(() => forestRows(comparison.figures, declared), [comparison, declared])
  const judged = useMemo(() => byWeight(rows.filter((row) => row.declared?.judged ?? true)), [rows])
  const others = rows.filter((row) => !judged.includes(row))
  const count = (meaning: Meaning) => judged.filter((row) => meaningOf(row.verdict) === meaning).length
  const clear = count('loss') + count('gain') + count('change')
  const unknown = count('unknown')
  // "No clear difference" is an answer of its own; where there were too few pairs, there is no answer.
  const single = clear > 0 || (unknown > 0 && unknown < judged.length) ? null : unknown > 0 ? 'cannotTell' : 'nothingClear'
  const known = judged.filter((row) => row.figure.difference !== null)
  const same = known.filter((row) => row.figure.difference === 0 && row.figure.low === row.figure.high)
  const plot = known.filter((row) => !same.includes(row))
  return (
    <section className="result-part">
      <h3>{t('verdict')}</h3>
      {single ? <p className="verdict-line">{t(single)}</p> : (
        <ul className="verdict-line">
          {COUNTED.filter(([meaning]) => count(meaning) > 0).map(([meaning, key]) => (
            <li key={meaning} className={`verdict-${meaning} verdict-words`}><span aria-hidden="true">{MARKS[meaning]}</span> {t(key, { n: count(meaning) })}</li>
          ))}
        </ul>
      )}
      {plot.length > 0 && <ForestPlot rows={plot} />}
      {same.length > 0 && <p className="soft">{t('same', { names: same.map((row) => text(row.title)).join(language === 'zh' ? '、' : ', ') })}</p>}
      <p className="soft">{comparison.stochastic ? t('paired', { n: formatNumber(comparison.seeds.length, language) }) : t('certain')}</p>
      <Fold title={t('numbers')}><FigureTable rows={judged} sides={comparison} label={t('numbers')} /></Fold>
      {others.length > 0 && <Fold title={shared('accounting', { n: others.length })}><FigureTable rows={others} sides={comparison} label={shared('accounting', { n: others.length })} /></Fold>}
    </section>
  )
}
