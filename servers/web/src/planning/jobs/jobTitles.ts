// What a job is called: its analysis and the plans it is about.
import { useText, useWords } from '../../language/words'
import type { Job } from '../../server/documents'
import { jobWords } from './jobWords'

/** The plan's title, or "city as it is". */
export function usePlanTitle() {
  const t = useWords(jobWords)
  return (plan: Job['plan']) => (!plan || plan.name === 'baseline' ? t('baseline') : plan.title || plan.name)
}

/** "Traffic simulation · Close the bridge against city as it is". */
export function useJobTitle() {
  const t = useWords(jobWords)
  const textOf = useText()
  const planTitle = usePlanTitle()
  return (job: Job) => {
    const plan = planTitle(job.plan)
    const sides = job.kind === 'comparison' ? t('against', { plan, against: planTitle(job.against) }) : plan
    return `${textOf(job.title)} · ${sides}`
  }
}
