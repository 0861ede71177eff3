// What this analysis found lately.
import { useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useLanguage, useWords } from '../language/words'
import { useCityTime } from '../server/cityTime'
import type { Job, RunSummary } from '../server/documents'
import { useLive } from '../server/live'
import { useAddress } from '../state/address'
import { showRun } from './asking'
import { askWords } from './askWords'
import { runsQuery } from './estimate'
import { durationWords } from './jobs/jobTimes'
import { usePlanTitle } from './jobs/jobTitles'

const SHOWN = 6

export function RecentRuns({ analysis }: { analysis: string }) {
  const t = useWords(askWords)
  const queries = useQueryClient()
  const { data, error } = useQuery(runsQuery(analysis))
  const heard = useCallback((job: Job) => {
    if (job.processID === analysis && job.status === 'successful') void queries.invalidateQueries({ queryKey: runsQuery(analysis).queryKey })
  }, [queries, analysis])
  useLive('job', heard)
  return (
    <section className="recent" aria-label={t('recent')}>
      <h3>{t('recent')}</h3>
      <ProblemNotice problem={error} />
      {data?.length === 0 && <p className="soft">{t('noRecent')}</p>}
      <ul className="plan-list">{data?.slice(0, SHOWN).map((run) => <RunRow key={run.run} run={run} />)}</ul>
    </section>
  )
}

function RunRow({ run }: { run: RunSummary }) {
  const t = useWords(askWords)
  const { moment } = useCityTime()
  const language = useLanguage()
  const go = useAddress((address) => address.go)
  const title = usePlanTitle()(run.plan)
  const about = [t('seedNumber', { seed: run.seed }), moment(run.finished_at), durationWords(run.seconds, language)].join(' · ')
  return (
    <li className="plan-row">
      <button type="button" className="plan-open" onClick={() => go(showRun(run.run), true)}>
        <strong>{title}</strong>
        <span className="soft numbers">{about}</span>
      </button>
    </li>
  )
}
