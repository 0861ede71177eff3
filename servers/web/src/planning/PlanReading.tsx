// A plan to be read only: what it is about and what it changes.
import { useWords } from '../language/words'
import type { Plan } from '../server/documents'
import { MeasureLines } from './MeasureLines'
import { planWords } from './planWords'

export function PlanReading({ plan }: { plan: Plan }) {
  const t = useWords(planWords)
  return (
    <>
      <h2>{plan.title || plan.plan || t('newPlan')}</h2>
      {plan.note && <p>{plan.note}</p>}
      <h3>{t('measures')}</h3>
      {plan.measures.length === 0 && <p className="soft">{t('noMeasures')}</p>}
      <MeasureLines measures={plan.measures} />
    </>
  )
}
