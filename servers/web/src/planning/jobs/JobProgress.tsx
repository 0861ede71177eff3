// How far a job is: bar, what it does, how long it took and may still take.
import { Progress } from 'antd'
import { useLanguage, useWords } from '../../language/words'
import type { Job } from '../../server/documents'
import { durationWords, elapsedSeconds, remainingSeconds, useNow } from './jobTimes'
import { hasEnded } from './jobsStore'
import { jobWords } from './jobWords'

/** What the runner itself says is put into words here; what an analysis says stands as it is. */
function useMessage() {
  const t = useWords(jobWords)
  return (text: string) => {
    if (text === 'starting') return t('starting')
    const runs = /^(\d+) of (\d+) runs done(?:; *(.*))?$/.exec(text)
    return runs ? [t('runsDone', { done: runs[1], all: runs[2] }), runs[3]].filter(Boolean).join(' · ') : text
  }
}

export function JobProgress({ job, what }: { job: Job; what: string }) {
  const t = useWords(jobWords)
  const message = useMessage()
  const language = useLanguage()
  const ended = hasEnded(job)
  const now = useNow(!ended)
  const elapsed = elapsedSeconds(job, now)
  const remaining = remainingSeconds(job, now)
  const times = [
    job.status === 'accepted' && (job.position ? (job.position === 1 ? t('next') : t('position', { position: job.position })) : t('waiting')),
    elapsed !== null && t(ended ? 'took' : 'elapsed', { time: durationWords(elapsed, language) }),
    remaining !== null && t('remaining', { time: durationWords(remaining, language) }),
  ].filter(Boolean)
  return (
    <div className="job-progress">
      {!ended && <Progress percent={job.progress} size="small" status={job.status === 'running' ? 'active' : 'normal'} aria-label={t('progress', { what })} />}
      <p className="soft numbers">
        {!ended && job.message && <span className="job-message">{message(job.message)} · </span>}
        {times.join(' · ')}
      </p>
    </div>
  )
}
