// "10 runs of about 2 min each", from earlier runs.
import { useQuery } from '@tanstack/react-query'
import { useLanguage, useWords } from '../language/words'
import { askWords } from './askWords'
import { runsOfComparison, runsQuery, secondsOfRun } from './estimate'
import { durationWords } from './jobs/jobTimes'

type Given = { analysis: string; parameters: Record<string, unknown>; seeds: number; stochastic: boolean; compares: boolean }

export function useEstimate({ analysis, parameters, seeds, stochastic, compares }: Given): string {
  const t = useWords(askWords)
  const language = useLanguage()
  const { data } = useQuery(runsQuery(analysis))
  if (!data) return ''
  const seconds = secondsOfRun(data, parameters)
  const each = seconds === null ? '' : durationWords(seconds, language)
  if (!compares) return each && t('estimateOne', { each })
  const count = runsOfComparison(seeds, stochastic)
  return each ? t('estimate', { count, each }) : t('neverRun', { count })
}
