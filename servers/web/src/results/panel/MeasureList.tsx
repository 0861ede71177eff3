import { useLanguage, useText, useWords } from '../../language/words'
import type { Plan } from '../../server/documents'
import { useMeasureTypes } from '../queries'
import { words } from '../words'
import { measureWords } from './planWords'

/** What a plan changes, one measure a line. */
export function MeasureList({ plan }: { plan: Plan }) {
  const types = useMeasureTypes().data ?? []
  const language = useLanguage()
  const text = useText()
  const t = useWords(words)
  if (plan.measures.length === 0) return <p className="soft">{t('noMeasures')}</p>
  return (
    <ol className="measure-list">
      {plan.measures.map((measure, place) => {
        const said = measureWords(measure, types, language)
        return (
          <li key={place}>
            <strong>{text(said.title)}</strong> <span className="soft">{said.fields.map((field) => `${field.title} ${field.value}`).join(' · ')}</span>
            {said.note && <em>{said.note}</em>}
          </li>
        )
      })}
    </ol>
  )
}
