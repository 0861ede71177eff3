// @vitest-environment jsdom
// What was asked: it shows where it was asked, also under another name, and takes the page over only while it is watched.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import { AskedJob } from '../../src/planning/AskedJob'
import { askIt, moveAsked, useAsked, type Question } from '../../src/planning/asking'
import { useAskMemory } from '../../src/planning/askMemory'
import { useJobsStore } from '../../src/planning/jobs/jobsStore'
import { JobRow } from '../../src/planning/jobs/JobRow'
import { chosenAnalysis } from '../../src/planning/ScenePanel'
import type { Job } from '../../src/server/documents'
import { useAddress } from '../../src/state/address'

const question: Question = { kind: 'run', analysis: 'toy.noise', parameters: {}, plan: null, against: null, seed: 1, seeds: 5 }
const job = (more: Partial<Job> = {}): Job => ({
  jobID: 'j', processID: 'toy.noise', kind: 'run', status: 'running', progress: 10, message: '', created: '2025-03-03T08:00:00Z',
  started: '2025-03-03T08:00:00Z', finished: null, title: { en: 'Noise', zh: '噪声' }, plan: null, against: null, seed: 1, seeds: null,
  run: null, comparison: null, parent: null, error: null, ...more,
})
const ended = job({ status: 'successful', run: 'r', progress: 100 })
const show = (what: React.ReactNode) => render(<QueryClientProvider client={new QueryClient()}>{what}</QueryClientProvider>)

beforeEach(() => {
  window.matchMedia ??= (() => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} })) as unknown as typeof window.matchMedia
  globalThis.EventSource ??= class { addEventListener() {} close() {} } as unknown as typeof EventSource
  Element.prototype.scrollIntoView ??= () => {}
  vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response('{"jobs": [], "code": "", "what": ""}', { status: 200 }))))
  localStorage.clear()
  useAsked.setState({ asked: {}, questions: [] })
  useAskMemory.setState({ parameters: {}, forms: {} })
  useJobsStore.setState({ jobs: {} })
  useAddress.setState({ panel: 'plan', run: '', language: 'en', layer: 'old', column: 'old' })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('a new plan that is saved while its answer is on its way', () => {
  it('shows the answer under its name', async () => {
    let answer: (response: Response) => void = () => {}
    vi.stubGlobal('fetch', vi.fn(() => new Promise<Response>((resolve) => (answer = resolve))))
    const asking = askIt('plan:new:1', question)
    moveAsked('plan:new:1', 'plan:bridge')
    answer(new Response(JSON.stringify(job()), { status: 201 }))
    await asking
    expect(Object.keys(useAsked.getState().asked)).toEqual(['plan:bridge'])
    expect(useAsked.getState().asked['plan:bridge'].jobID).toBe('j')
  })

  it('keeps what was filled in', () => {
    const { setForm, moveForm } = useAskMemory.getState()
    setForm('plan:new:1', { seeds: 9 })
    moveForm('plan:new:1', 'plan:bridge')
    moveForm('plan:never', 'plan:other')
    expect(useAskMemory.getState().forms).toEqual({ 'plan:bridge': { seeds: 9 } })
  })
})

describe('the browser’s storage', () => {
  it('may be full: the question is asked all the same', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(JSON.stringify(job()), { status: 201 }))))
    const full = vi.spyOn(Storage.prototype, 'setItem').mockImplementation(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    await askIt('plan:a', question)
    useAskMemory.getState().setForm('plan:a', { seed: 4 })
    full.mockRestore()
    expect(useAsked.getState().asked['plan:a']).toMatchObject({ jobID: 'j', problem: null })
    expect(useAskMemory.getState().forms['plan:a']).toEqual({ seed: 4 })
  })

  it('is not filled up with what was asked long ago', async () => {
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response(JSON.stringify(job()), { status: 201 }))))
    for (let place = 0; place < 60; place += 1) await askIt(`plan:${place}`, question)
    const places = Object.keys(useAsked.getState().asked)
    expect(places).toHaveLength(50)
    expect(places.at(-1)).toBe('plan:59')
  })
})

describe('a result', () => {
  const asked = { question, jobID: 'j', problem: null, shown: false }

  it('opens by itself when it ends under the eyes of who asked, on its own layer', async () => {
    useAsked.setState({ asked: { here: asked } })
    useJobsStore.setState({ jobs: { j: job() } })
    show(<AskedJob place="here" unchanged={() => true} />)
    expect(useAddress.getState().panel).toBe('plan')
    await act(async () => useJobsStore.getState().hear(ended))
    expect(useAddress.getState()).toMatchObject({ panel: 'run', run: 'r', layer: '', column: '' })
  })

  it('waits to be opened when it ended before', async () => {
    useAsked.setState({ asked: { here: asked } })
    useJobsStore.setState({ jobs: { j: ended } })
    show(<AskedJob place="here" unchanged={() => true} />)
    await act(async () => {})
    expect(useAddress.getState().panel).toBe('plan')
    fireEvent.click(screen.getByRole('button', { name: 'Show result' }))
    expect(useAddress.getState().panel).toBe('run')
  })

  it('that cannot be asked for again says so in its row', async () => {
    useAsked.setState({ questions: [['j', question]] })
    show(<ul><JobRow job={job({ status: 'dismissed' })} /></ul>)
    vi.stubGlobal('fetch', vi.fn(() => Promise.resolve(new Response('{"code": "queue.full", "what": "too many wait"}', { status: 429 }))))
    await act(async () => void fireEvent.click(screen.getByRole('button', { name: /Run again/ })))
    expect(await screen.findByText(/too many wait/)).toBeTruthy()
  })
})

describe('the analysis of a scene', () => {
  it('is the one of the link, else the one chosen last, else the first', () => {
    const all = [{ id: 's.a' }, { id: 's.b' }, { id: 's.c' }]
    expect(chosenAnalysis(all, 's.c', 's.b')?.id).toBe('s.c')
    expect(chosenAnalysis(all, 'other.x', 's.b')?.id).toBe('s.b')
    expect(chosenAnalysis(all, '', '')?.id).toBe('s.a')
    expect(chosenAnalysis([], 's.a', '')).toBeUndefined()
  })
})
