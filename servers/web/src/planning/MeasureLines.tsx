// Measures as lines of text, for comparing two plans.
import { useLanguage, useText, useWords } from '../language/words'
import type { Measure } from '../server/documents'
import { fieldWords, placesOf, timeWords, useMeasureTypes } from './measureTypes'
import { planWords } from './planWords'

export function MeasureLines({ measures, mark, sign }: { measures: Measure[]; mark?: string; sign?: '+' | '−' }) {
  const types = useMeasureTypes()
  const language = useLanguage()
  const textOf = useText()
  const t = useWords(planWords)
  const line = (measure: Measure): string => {
    const type = types?.get(measure.type)
    const places = placesOf(measure, type).map((one) => one.name)
    const how = type ? fieldWords(measure, type, language) : []
    return [type ? textOf(type.title) : measure.type, ...places, ...how, timeWords(measure, type, language) || t('always')].join(' · ')
  }
  if (measures.length === 0) return null
  return (
    <ul className="measure-lines numbers">
      {measures.map((measure, place) => (
        <li key={place}>
          {sign && <span aria-hidden="true">{sign} </span>}
          {line(measure)}
          {mark && <small className="soft"> ({mark})</small>}
        </li>
      ))}
    </ul>
  )
}
