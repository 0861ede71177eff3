// The runs that a comparison started, seed by seed.
import { useQuery } from '@tanstack/react-query'
import { Button } from 'antd'
import { useEffect } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import { getJson } from '../../server/client'
import type { Job } from '../../server/documents'
import { useAddress } from '../../state/address'
import { resultOf } from '../asking'
import { JobStatusMark } from './JobStatusMark'
import { usePlanTitle } from './jobTitles'
import { hasEnded, useJobsStore } from './jobsStore'
import { jobWords } from './jobWords'

/** Asked once; what changes is heard. */
function useRunsOf(parent: string) {
  const query = useQuery({
    queryKey: ['jobs of', parent],
    queryFn: async ({ signal }) => (await getJson<{ jobs: Job[] }>(`/api/jobs?parent=${encodeURIComponent(parent)}&limit=200`, signal)).jobs,
  })
  const heard = useJobsStore((store) => store.jobs)
  useEffect(() => query.data?.forEach((job) => useJobsStore.getState().hear(job)), [query.data])
  const runs = Object.values(heard).filter((job) => job.parent === parent)
  return { runs: runs.sort((one, other) => (one.seed ?? 0) - (other.seed ?? 0) || one.created.localeCompare(other.created)), fault: query.error }
}

export function JobRuns({ parent }: { parent: string }) {
  const t = useWords(jobWords)
  const planTitle = usePlanTitle()
  const go = useAddress((address) => address.go)
  const { runs, fault } = useRunsOf(parent)
  return (
    <div className="job-runs">
      <ProblemNotice problem={fault} />
      <p className="soft numbers">{t('runsOf', { done: runs.filter(hasEnded).length, all: runs.length })}</p>
      <ul>
        {runs.map((job) => {
          const result = resultOf(job)
          const what = `${planTitle(job.plan)} · ${t('seed', { seed: job.seed ?? '–' })}`
          return (
            <li key={job.jobID} className="numbers">
              <span>{what}</span> <JobStatusMark status={job.status} />
              {job.status === 'running' && <span className="soft"> {job.progress} %</span>}
              {result && <Button size="small" type="link" aria-label={t('showWhat', { what })} onClick={() => go(result, true)}>{t('show')}</Button>}
            </li>
          )
        })}
      </ul>
    </div>
  )
}
