// A run's figures as declared: those it is judged by first, the accounting folded away.
import { formatQuantity } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { FigureDeclaration, FigureValue } from '../../server/documents'
import { verdictWords } from '../verdicts'
import { words } from '../words'
import { Fold } from './Fold'

type Props = { figures: Record<string, FigureValue>; declared: Record<string, FigureDeclaration> }
type Row = { name: string; value: FigureValue; declaration: FigureDeclaration | undefined }

/** In the order of the declaration; what no declaration knows comes last, by its name. */
export function figureOrder(figures: Props['figures'], declared: Props['declared']): { judged: Row[]; others: Row[] } {
  const names = [...Object.keys(declared).filter((name) => name in figures), ...Object.keys(figures).filter((name) => !(name in declared))]
  const rows = names.map((name) => ({ name, value: figures[name], declaration: declared[name] }))
  const isJudged = (row: Row) => row.declaration?.judged ?? true
  return { judged: rows.filter(isJudged), others: rows.filter((row) => !isJudged(row)) }
}

function FigureRow({ row }: { row: Row }) {
  const language = useLanguage()
  const text = useText()
  const t = useWords(words)
  const said = useWords(verdictWords)
  const { value, declaration } = row
  const better = declaration?.better ?? 'neither'
  const show = (number: number | null | undefined) => formatQuantity(number, value.unit, language)
  return (
    <li className="figure">
      <div className="figure-title">
        {text(declaration?.title ?? row.name.replaceAll('_', ' '))}
        {better !== 'neither' && <small><span aria-hidden="true">{better === 'lower' ? '↓' : '↑'}</span> {said(better)}</small>}
      </div>
      <div className="figure-value numbers">
        <strong>{show(value.value)}</strong>
        {typeof value.low === 'number' && typeof value.high === 'number' && <small>{t('interval', { low: show(value.low), high: show(value.high) })}</small>}
      </div>
      {declaration?.description && <p className="figure-note">{declaration.description}</p>}
    </li>
  )
}

export function FigureList({ figures, declared }: Props) {
  const t = useWords(words)
  const { judged, others } = figureOrder(figures, declared)
  const list = (rows: Row[]) => <ul className="figures">{rows.map((row) => <FigureRow key={row.name} row={row} />)}</ul>
  return (
    <section className="result-part">
      <h3>{t('figures')}</h3>
      {judged.length + others.length === 0 && <p className="soft">{t('noFigures')}</p>}
      {list(judged.length ? judged : others)}
      {judged.length > 0 && others.length > 0 && <Fold title={t('accounting', { n: others.length })}>{list(others)}</Fold>}
    </section>
  )
}
