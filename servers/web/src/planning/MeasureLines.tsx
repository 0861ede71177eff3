// Measures as lines of text, for comparing two plans and for reading one.
import type { Measure, MeasureDocument } from '../server/documents'
import { useMeasureTypes } from './measureTypes'
import { useMeasureWords } from './measureWords'

type Marks = { mark?: string; sign?: '+' | '−' }

export function MeasureLines({ measures, ...marks }: { measures: Measure[] } & Marks) {
  const types = useMeasureTypes()
  if (measures.length === 0) return null
  return (
    <ul className="measure-lines numbers">
      {measures.map((measure, place) => <Line key={place} measure={measure} type={types?.get(measure.type)} {...marks} />)}
    </ul>
  )
}

function Line({ measure, type, mark, sign }: { measure: Measure; type: MeasureDocument | undefined } & Marks) {
  const { title, place, details } = useMeasureWords(measure, type)
  return (
    <li>
      {sign && <span aria-hidden="true">{sign} </span>}
      {[title, place, ...details].filter(Boolean).join(' · ')}
      {mark && <small className="soft"> ({mark})</small>}
    </li>
  )
}
