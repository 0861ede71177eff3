// All runs and comparisons: under way first, then the earlier ones.
import { Button, Skeleton } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { JobRow } from './jobs/JobRow'
import { askForJobs, hasEnded, useStartedJobs, useJobsStore } from './jobs/jobsStore'
import { jobWords } from './jobs/jobWords'
import './planning.css'

const FIRST = 20

export default function JobsPanel() {
  const t = useWords(jobWords)
  const jobs = useStartedJobs()
  const listed = useJobsStore((store) => store.listed)
  const fault = useJobsStore((store) => store.fault)
  const [shown, setShown] = useState(FIRST)
  const underWay = jobs.filter((job) => !hasEnded(job))
  const earlier = jobs.filter(hasEnded)
  return (
    <section className="planning" aria-labelledby="jobs-heading">
      <h2 id="jobs-heading">{t('jobs')}</h2>
      <ProblemNotice problem={fault} retry={() => void askForJobs()} />
      {listed === null && <Skeleton active />}
      {listed && jobs.length === 0 && (
        <div className="empty">
          <p><strong>{t('noJobs')}</strong></p>
          <p>{t('noJobsNext')}</p>
        </div>
      )}
      {underWay.length > 0 && <h3>{t('underWay')}</h3>}
      <ul className="job-list">{underWay.map((job) => <JobRow key={job.jobID} job={job} />)}</ul>
      {earlier.length > 0 && <h3>{t('earlier')}</h3>}
      <ul className="job-list">{earlier.slice(0, shown).map((job) => <JobRow key={job.jobID} job={job} />)}</ul>
      {earlier.length > shown && <Button onClick={() => setShown(shown + FIRST)}>{t('moreJobs', { count: earlier.length - shown })}</Button>}
    </section>
  )
}
