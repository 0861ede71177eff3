// How long a job has taken and may still take.
import { useEffect, useState } from 'react'
import type { Language } from '../../language/words'
import type { Job } from '../../server/documents'
import { hasEnded } from './jobsStore'

const SURE_ENOUGH_PERCENT = 5
const SURE_ENOUGH_S = 3

export function elapsedSeconds(job: Job, now: number): number | null {
  if (!job.started) return null
  const end = hasEnded(job) && job.finished ? Date.parse(job.finished) : now
  return Math.max(0, (end - Date.parse(job.started)) / 1000)
}

/** In proportion to what is done; null while too little is done to say. */
export function remainingSeconds(job: Job, now: number): number | null {
  const elapsed = elapsedSeconds(job, now)
  if (job.status !== 'running' || elapsed === null) return null
  if (job.progress < SURE_ENOUGH_PERCENT || elapsed < SURE_ENOUGH_S) return null
  return (elapsed * (100 - job.progress)) / job.progress
}

/** "45 s", "3 min", "1 h 20 min". */
export function durationWords(seconds: number, language: Language): string {
  const units = language === 'zh' ? ['秒', '分钟', '小时'] : ['s', 'min', 'h']
  if (seconds < 59.5) return `${Math.max(1, Math.round(seconds))} ${units[0]}`
  const minutes = Math.round(seconds / 60)
  if (minutes < 60) return `${minutes} ${units[1]}`
  const rest = minutes % 60
  return `${Math.floor(minutes / 60)} ${units[2]}${rest ? ` ${rest} ${units[1]}` : ''}`
}

/** Milliseconds now, once a second while `ticking`. */
export function useNow(ticking: boolean): number {
  const [now, setNow] = useState(Date.now)
  useEffect(() => {
    if (!ticking) return
    setNow(Date.now())
    const timer = setInterval(() => setNow(Date.now()), 1000)
    return () => clearInterval(timer)
  }, [ticking])
  return now
}
