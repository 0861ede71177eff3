// One job: what was asked, how far it is, and what can be done with it.
import { Button } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import { useCityTime } from '../../server/cityTime'
import type { Job } from '../../server/documents'
import { useAddress } from '../../state/address'
import { usePast } from '../../state/past'
import { AskedJob } from '../AskedJob'
import { askIt, questionOf, resultOf } from '../asking'
import { CancelButton } from './CancelButton'
import { JobProgress } from './JobProgress'
import { JobRuns } from './JobRuns'
import { JobStatusMark } from './JobStatusMark'
import { useJobTitle } from './jobTitles'
import { hasEnded } from './jobsStore'
import { jobWords } from './jobWords'

export function JobRow({ job }: { job: Job }) {
  const t = useWords(jobWords)
  const { moment } = useCityTime()
  const what = useJobTitle()(job)
  const go = useAddress((address) => address.go)
  const [runs, setRuns] = useState(false)
  const result = resultOf(job)
  const chance = job.kind === 'comparison' ? job.seeds !== null && t('seeds', { count: job.seeds }) : job.seed !== null && t('seed', { seed: job.seed })
  return (
    <li className="job">
      <div className="job-head">
        <strong>{what}</strong>
        <JobStatusMark status={job.status} />
      </div>
      <p className="soft numbers">{[t(job.kind), chance, moment(job.created)].filter(Boolean).join(' · ')}</p>
      <JobProgress job={job} what={what} />
      {job.status === 'failed' && <ProblemNotice problem={job.error ?? { what: t('noReason'), remedy: t('noReasonRemedy') }} />}
      <div className="job-actions">
        {result && <Button size="small" aria-label={t('showWhat', { what })} onClick={() => go(result, true)}>{t('show')}</Button>}
        {!hasEnded(job) && <CancelButton id={job.jobID} what={what} />}
        {(job.status === 'failed' || job.status === 'dismissed') && <AgainButton job={job} what={what} />}
        {job.kind === 'comparison' && <Button size="small" type="text" aria-expanded={runs} onClick={() => setRuns(!runs)}>{t('runs')}</Button>}
      </div>
      <AskedJob place={placeOf(job)} unchanged={never} />
      {runs && <JobRuns parent={job.jobID} />}
    </li>
  )
}

/** Where a job that is asked once more shows how it goes. */
const placeOf = (job: Job) => `job:${job.jobID}`
/** In a list of many, none opens by itself. */
const never = () => false

/** Ask the same once more: from here if it was asked here; else its scene is opened. */
function AgainButton({ job, what }: { job: Job; what: string }) {
  const t = useWords(jobWords)
  const go = useAddress((address) => address.go)
  const past = usePast()
  const question = questionOf(job.jobID)
  const again = () => (question ? void askIt(placeOf(job), question) : go({ panel: 'scene', scene: job.processID.split('.')[0], analysis: job.processID }, true))
  return <Button size="small" disabled={past} title={past ? t('againPast') : undefined} aria-label={`${t('again')}: ${what}`} onClick={again}>{t('again')}</Button>
}
