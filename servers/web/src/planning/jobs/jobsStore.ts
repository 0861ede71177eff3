// All jobs as the server tells of them: once as a list, then each change as it happens.
import { useEffect, useMemo } from 'react'
import { create } from 'zustand'
import { getJson, sendJson } from '../../server/client'
import type { Job } from '../../server/documents'
import { listen } from '../../server/live'

type Store = {
  jobs: Record<string, Job>
  /** Whether the list has come; null: not asked yet. */
  listed: boolean | null
  fault: unknown
  hear: (job: Job) => void
}

export const useJobsStore = create<Store>((set) => ({
  jobs: {},
  listed: null,
  fault: null,
  hear: (job) => set((store) => ({ jobs: withJob(store.jobs, job) })),
}))

const ENDED = new Set<Job['status']>(['successful', 'failed', 'dismissed'])
export const hasEnded = (job: Job) => ENDED.has(job.status)

/** What is heard late must not undo what is known: an ended job does not run again, progress does not fall. */
export function withJob(jobs: Record<string, Job>, heard: Job): Record<string, Job> {
  const known = jobs[heard.jobID] as Job | undefined
  if (known && hasEnded(known) && !hasEnded(heard)) return jobs
  return { ...jobs, [heard.jobID]: { ...known, ...heard } }
}

let stop: (() => void) | null = null

/** Ask for the list (again). */
export async function askForJobs(): Promise<void> {
  useJobsStore.setState({ fault: null })
  try {
    const { jobs } = await getJson<{ jobs: Job[] }>('/api/jobs?limit=200')
    useJobsStore.setState((store) => ({ jobs: jobs.reduce(withJob, store.jobs), listed: true }))
  } catch (fault) {
    useJobsStore.setState((store) => ({ fault, listed: store.listed ?? false }))
  }
}

/** Begin to listen; from then on for as long as the page lives, so that no change is missed between two panels. */
export function followJobs(): void {
  if (stop) return
  const stops = [
    listen<Job>('job', (job) => useJobsStore.getState().hear(job)),
    listen('hello', () => void askForJobs()), // the connection is new: something may have been missed
  ]
  stop = () => stops.forEach((one) => one())
  void askForJobs()
}

export function useJob(id: string | null | undefined): Job | null {
  useEffect(followJobs, [])
  return useJobsStore((store) => (id ? (store.jobs[id] ?? null) : null))
}

/** What a person started, newest first: without the runs of a comparison that is listed itself. */
export function startedJobs(jobs: Record<string, Job>): Job[] {
  const isPart = (job: Job) => Boolean(job.parent && jobs[job.parent])
  return Object.values(jobs).filter((job) => !isPart(job)).sort((one, other) => other.created.localeCompare(one.created))
}

export function useStartedJobs(): Job[] {
  useEffect(followJobs, [])
  const jobs = useJobsStore((store) => store.jobs)
  return useMemo(() => startedJobs(jobs), [jobs])
}

/** Ask to end a job; what became of it is heard like every other change. */
export async function cancelJob(id: string): Promise<void> {
  const job = await sendJson<Job | undefined>('DELETE', `/api/jobs/${encodeURIComponent(id)}`)
  if (job?.jobID) useJobsStore.getState().hear(job)
}
