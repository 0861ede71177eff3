// How what was started here goes on: at once after the click, with cancel, and with its result at the end.
import { Button, Progress } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import type { Job } from '../server/documents'
import { useAddress } from '../state/address'
import { askIt, forget, markShown, resultOf, useAsked, type Asked, type Question } from './asking'
import { askWords } from './askWords'
import { CancelButton } from './jobs/CancelButton'
import { JobProgress } from './jobs/JobProgress'
import { JobStatusMark } from './jobs/JobStatusMark'
import { useJobTitle } from './jobs/jobTitles'
import { hasEnded, useJob } from './jobs/jobsStore'
import { jobWords } from './jobs/jobWords'

type Props = {
  place: string
  /** Whether what is shown here is still what was asked: then the result opens by itself. */
  unchanged: (question: Question) => boolean
}

export function AskedJob({ place, unchanged }: Props) {
  const asked = useAsked((store) => store.asked[place])
  const job = useJob(asked?.jobID)
  const go = useAddress((address) => address.go)
  const watched = useWatched(place, asked, job)
  const opens = watched && asked && !asked.shown && job?.status === 'successful' && unchanged(asked.question)
  useEffect(() => {
    const result = opens && job ? resultOf(job) : null
    if (!result) return
    markShown(place)
    go(result, true)
  }, [opens, job, place, go])
  const box = useRef<HTMLDivElement>(null)
  const waits = asked !== undefined && asked.jobID === null
  const wasAsked = useRef(false)
  useEffect(() => {
    // seen from the click on, and again once there is more to see; not for what was under way before the panel opened
    if (waits || wasAsked.current) void box.current?.scrollIntoView({ block: 'nearest' })
    wasAsked.current = waits
  }, [waits])
  if (!asked) return null
  return <div ref={box}><Stage asked={asked} job={job} place={place} /></div>
}

/** Whether a person saw it under way here: what ended while nobody looked does not take the page over when it is opened. */
function useWatched(place: string, asked: Asked | undefined, job: Job | null): boolean {
  const [seen, setSeen] = useState('')
  const isUnderWay = asked !== undefined && (asked.jobID === null || (job !== null && !hasEnded(job)))
  useEffect(() => setSeen((before) => (isUnderWay || before === place ? place : '')), [isUnderWay, place])
  return seen === place
}

function Stage({ asked, job, place }: { asked: Asked; job: Job | null; place: string }) {
  if (asked.problem) return <ProblemNotice problem={asked.problem} retry={() => void askIt(place, asked.question)} />
  return job ? <Going job={job} place={place} question={asked.question} /> : asked.jobID === null ? <Starting /> : null
}

function Starting() {
  const t = useWords(askWords)
  return (
    <div className="asked" role="status">
      <Progress percent={0} size="small" status="active" showInfo={false} aria-label={t('starting')} />
      <p className="soft">{t('starting')}</p>
    </div>
  )
}

/** Spoken in quarters, so that a listener is not talked over. */
function useSpoken(job: Job, what: string): string {
  const t = useWords(jobWords)
  if (job.status === 'successful') return t('doneNow', { what })
  if (job.status === 'failed') return t('failedNow', { what })
  const quarter = Math.floor(job.progress / 25) * 25
  return job.status === 'running' && quarter > 0 ? `${what}: ${quarter} %` : ''
}

function Going({ job, place, question }: { job: Job; place: string; question: Question }) {
  const t = useWords(jobWords)
  const w = useWords(askWords)
  const go = useAddress((address) => address.go)
  const what = useJobTitle()(job)
  const spoken = useSpoken(job, what)
  const result = resultOf(job)
  return (
    <section className="asked" aria-label={what}>
      <p className="visually-hidden" role="status">{spoken}</p>
      <div className="job-head">
        <strong>{what}</strong>
        <JobStatusMark status={job.status} />
      </div>
      <JobProgress job={job} what={what} />
      {job.status === 'failed' && (
        <ProblemNotice problem={job.error ?? { what: t('noReason'), remedy: t('noReasonRemedy') }} retry={() => void askIt(place, question)} />
      )}
      <div className="job-actions">
        {result && <Button type="primary" onClick={() => go(result, true)}>{t('show')}</Button>}
        {!hasEnded(job) && <CancelButton id={job.jobID} what={what} />}
        {job.status === 'dismissed' && <Button size="small" onClick={() => void askIt(place, question)}>{t('again')}</Button>}
        {hasEnded(job) && <Button size="small" type="text" onClick={() => forget(place)}>{w('dismiss')}</Button>}
      </div>
    </section>
  )
}
