// Jobs as they are heard, how long they take, and how long a question may take.
import { describe, expect, it } from 'vitest'
import type { Job, RunSummary } from '../../src/server/documents'
import { resultOf } from '../../src/planning/asking'
import { runsOfComparison, secondsOfRun } from '../../src/planning/estimate'
import { durationWords, elapsedSeconds, remainingSeconds } from '../../src/planning/jobs/jobTimes'
import { startedJobs, withJob } from '../../src/planning/jobs/jobsStore'
import { addedGeometries, changedFeatures } from '../../src/planning/planOnMap'
import { stepOf } from '../../src/planning/useUndoKeys'

const begun = '2025-03-03T08:00:00Z'
function job(jobID: string, more: Partial<Job> = {}): Job {
  return {
    jobID, processID: 'toy.noise', kind: 'run', status: 'running', progress: 0, message: '', created: begun, started: begun, finished: null,
    title: { en: 'Noise', zh: '噪声' }, plan: null, against: null, seed: 1, seeds: null, run: null, comparison: null, parent: null, error: null, ...more,
  }
}

describe('jobs heard', () => {
  it('does not let an ended job run again because an older message comes late', () => {
    const ended = withJob({}, job('a', { status: 'successful', run: 'r' }))
    expect(withJob(ended, job('a', { status: 'running', progress: 90 }))).toBe(ended)
  })

  it('lists what was started, newest first, without the runs of a listed comparison', () => {
    const jobs = [job('old'), job('c', { kind: 'comparison', created: '2025-03-03T09:00:00Z' }), job('r1', { parent: 'c' }), job('lone', { parent: 'unknown' })]
    const started = startedJobs(Object.fromEntries(jobs.map((one) => [one.jobID, one])))
    expect(started.map((one) => one.jobID)).toEqual(['c', 'old', 'lone'])
  })

  it('leads to the run or the comparison, on the layer that it declares', () => {
    expect(resultOf(job('a', { run: 'r' }))).toEqual({ panel: 'run', run: 'r', comparison: '', layer: '', column: '' })
    expect(resultOf(job('a', { comparison: 'c' }))).toEqual({ panel: 'comparison', run: '', comparison: 'c', layer: '', column: '' })
    expect(resultOf(job('a'))).toBeNull()
  })
})

describe('times', () => {
  const after = (seconds: number) => Date.parse(begun) + 1000 * seconds
  it('estimates what remains once enough is done', () => {
    expect(remainingSeconds(job('a', { progress: 25 }), after(30))).toBe(90)
    expect(remainingSeconds(job('a', { progress: 2 }), after(30))).toBeNull()
    expect(remainingSeconds(job('a', { progress: 50, status: 'successful' }), after(30))).toBeNull()
    expect(elapsedSeconds(job('a', { status: 'failed', finished: '2025-03-03T08:00:07Z' }), after(100))).toBe(7)
    expect(elapsedSeconds(job('a', { started: null }), after(5))).toBeNull()
  })

  it('says durations as people do', () => {
    expect([0.2, 45, 59.7, 3600, 4800].map((one) => durationWords(one, 'en'))).toEqual(['1 s', '45 s', '1 min', '1 h', '1 h 20 min'])
    expect(durationWords(4800, 'zh')).toBe('1 小时 20 分钟')
  })

})

describe('estimate', () => {
  const run = (seconds: number, parameters = {}): RunSummary => ({
    run: 'r', analysis: 'a', title: { en: '', zh: '' }, plan: { name: 'baseline', title: '' }, parameters, seed: 1, finished_at: begun, seconds,
  })
  it('takes runs with the same parameters where there are any', () => {
    const runs = [run(100, { mode: 'micro' }), run(4, { mode: 'meso' }), run(6, { mode: 'meso' })]
    expect(secondsOfRun(runs, { mode: 'meso' })).toBe(5)
    expect(secondsOfRun(runs, { mode: 'other' })).toBe(6)
    expect(secondsOfRun([], {})).toBeNull()
  })
  it('counts both sides with every seed', () => {
    expect(runsOfComparison(5, true)).toBe(10)
    expect(runsOfComparison(5, false)).toBe(2)
  })
})

describe('on the map and at the keys', () => {
  it('draws each changed feature once, and new ones by their own shape', () => {
    const edit = { layer: 'roads', target: 'A', features: ['1', '2'], fields: {}, measure: 0 }
    const point = { type: 'Point', coordinates: [106, 29] }
    const added = { ...edit, layer: 'pois', op: 'add' as const, features: ['n'], fields: { geometry: point } }
    expect(changedFeatures([edit, { ...edit, features: ['2'] }, added]).map((one) => one.id)).toEqual(['1', '2'])
    expect(addedGeometries([edit, added])).toEqual([point])
  })

  it('knows undo and redo on both kinds of keyboard', () => {
    const key = (key: string, more = {}) => stepOf({ key, ctrlKey: true, metaKey: false, shiftKey: false, altKey: false, ...more })
    expect([key('z'), key('y'), key('Z', { shiftKey: true }), key('z', { ctrlKey: false, metaKey: true })]).toEqual(['undo', 'redo', 'redo', 'undo'])
    expect([key('z', { ctrlKey: false }), key('a'), key('z', { altKey: true })]).toEqual([null, null, null])
  })
})
