import { useWords } from '../../language/words'
import { useMeasureTypes } from '../../planning/measureTypes'
import { useMeasureWords } from '../../planning/measureWords'
import type { Measure, MeasureDocument, Plan } from '../../server/documents'
import { words } from '../words'

/** One measure in a line, as the plan's panel says it; the remark below. */
export function MeasureLine({ measure, type }: { measure: Measure; type: MeasureDocument | undefined }) {
  const said = useMeasureWords(measure, type)
  return (
    <>
      <strong>{said.title}</strong> {said.place} <span className="soft numbers">{said.details.join(' · ')}</span>
      {typeof measure.note === 'string' && measure.note !== '' && <em>{measure.note}</em>}
    </>
  )
}

/** What a plan changes, one measure a line. */
export function MeasureList({ plan }: { plan: Plan }) {
  const types = useMeasureTypes()
  const t = useWords(words)
  if (plan.measures.length === 0) return <p className="soft">{t('noMeasures')}</p>
  return (
    <ol className="measure-list">
      {plan.measures.map((measure, place) => <li key={place}><MeasureLine measure={measure} type={types?.get(measure.type)} /></li>)}
    </ol>
  )
}
