// A measure in words: what, where, how, when. The plan and the results say it alike.
import { useLanguage, useText, useWords } from '../language/words'
import type { Measure, MeasureDocument } from '../server/documents'
import { useFeatureName } from './featureNames'
import { fieldWords, placesOf, timeWords } from './measureTypes'
import { planWords } from './planWords'

export type MeasureWords = { title: string; place: string; details: string[] }

/** Without its type (its scenario is gone), a measure is said by its own names and values. */
export function useMeasureWords(measure: Measure, type: MeasureDocument | undefined): MeasureWords {
  const language = useLanguage()
  const t = useWords(planWords)
  const textOf = useText()
  const places = placesOf(measure, type)
  const [first, second] = places
  const named = useFeatureName(first?.layer ?? '', first?.name ?? '')
  const other = useFeatureName(second?.layer ?? '', second?.name ?? '')
  const when = timeWords(measure, type, language) || t('always')
  return {
    title: type ? textOf(type.title) : measure.type.replaceAll('_', ' '),
    place: [named.title, other.title, ...places.slice(2).map((one) => one.name)].filter(Boolean).join(' · '),
    details: [...fieldWords(measure, type, language), when],
  }
}
