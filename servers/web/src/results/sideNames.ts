// The two sides of a comparison, by one pair of words everywhere and the titles of their plans.
import { useMemo } from 'react'
import { fill, useLanguage, type Language } from '../language/words'
import type { ComparisonDocument } from '../server/documents'
import { planTitle } from './panel/planWords'
import { words } from './words'

export type SideNames = { baseline: string; plan: string }
type Sides = Pick<ComparisonDocument, 'plan' | 'against'>

/** "Baseline: the city as it is", "Plan: Night watering". */
export function sideNames({ plan, against }: Sides, language: Language): SideNames {
  const said = words[language]
  const named = (side: 'baseline' | 'plan', title: string | null) => fill(said.sideNamed, { side: said[side], title: title ?? said.cityAsIs })
  return { baseline: named('baseline', planTitle(against)), plan: named('plan', planTitle(plan)) }
}

export function useSideNames(comparison: Sides): SideNames {
  const language = useLanguage()
  const { plan, against } = comparison
  return useMemo(() => sideNames({ plan, against }, language), [plan, against, language])
}
