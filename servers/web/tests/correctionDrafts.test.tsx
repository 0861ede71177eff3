// @vitest-environment jsdom
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { App as Messages } from 'antd'
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest'
import FeaturePanel from '../src/features/FeaturePanel'
import { draftKey, useCorrectionDrafts } from '../src/features/correctionDrafts'
import { changedFields } from '../src/features/corrections'
import { MeasureButtons } from '../src/features/MeasureButtons'
import type { Card } from '../src/server/documents'
import { useAddress } from '../src/state/address'

const text = (words: string) => ({ en: words, zh: words })
const lanes = { name: 'lanes', title: text('Lanes'), unit: null, dtype: 'int64', value: 2, editable: true, assumed: null, correction: null }
const card = (id: string): Card => ({
  collection: 'roads', collection_title: text('Roads'), id, title: text(id), name: id, geometry: null, fields: [lanes], group: null, source: null,
  synthetic: true, corrections: [], measures: [{ type: 'closure', title: text('Close'), field: 'road' }], sequence: 1,
})

function page(queries: QueryClient) {
  return (
    <QueryClientProvider client={queries}>
      <Messages component={false}><FeaturePanel /></Messages>
    </QueryClientProvider>
  )
}

beforeEach(() => {
  vi.stubGlobal('matchMedia', () => ({ matches: false, addListener: () => undefined, removeListener: () => undefined, addEventListener: () => undefined, removeEventListener: () => undefined }))
  vi.stubGlobal('ResizeObserver', class { observe() {} unobserve() {} disconnect() {} })
  vi.stubGlobal('fetch', () => Promise.reject(new TypeError('Failed to fetch')))
  useCorrectionDrafts.setState({ drafts: {} })
  useAddress.setState({ language: 'en', selected: 'roads:w1', at: '', panel: 'feature' })
})
afterEach(() => {
  cleanup()
  vi.unstubAllGlobals()
})

describe('a correction being typed', () => {
  it('stays while the server is away, and is there again when its feature is opened again', async () => {
    const queries = new QueryClient({ defaultOptions: { queries: { retry: false, staleTime: 0 } } })
    for (const id of ['w1', 'w2']) queries.setQueryData(['card', `roads:${id}`, ''], card(id))
    queries.setQueryData(['city'], { id: 'c', timezone: 'Asia/Shanghai' })
    const { rerender } = render(page(queries))
    fireEvent.click(screen.getByText('Correct values'))
    fireEvent.change(screen.getByLabelText('Lanes'), { target: { value: '4' } })
    await act(() => queries.refetchQueries({ queryKey: ['card'] }))
    expect(queries.getQueryState(['card', 'roads:w1', ''])?.status).toBe('error')
    rerender(page(queries))
    expect(screen.getByLabelText<HTMLInputElement>('Lanes').value).toBe('4')
    act(() => useAddress.setState({ selected: 'roads:w2' }))
    rerender(page(queries))
    expect(screen.queryByLabelText('Lanes')).toBeNull()
    act(() => useAddress.setState({ selected: 'roads:w1' }))
    rerender(page(queries))
    expect(screen.getByLabelText<HTMLInputElement>('Lanes').value).toBe('4')
    fireEvent.click(screen.getByText('Cancel'))
    expect(useCorrectionDrafts.getState().drafts).toEqual({})
  }, 30_000)

  it('keeps the last fifty, each city its own', () => {
    const { change } = useCorrectionDrafts.getState()
    for (let place = 0; place < 60; place += 1) change(draftKey('c', 'roads', String(place)), { note: 'x' })
    change(draftKey('c', 'roads', '12'), { note: 'again' })
    const { drafts } = useCorrectionDrafts.getState()
    expect(Object.keys(drafts)).toHaveLength(50)
    expect(drafts['c|roads:12']).toEqual({ typed: {}, note: 'again' })
    expect(drafts['d|roads:12']).toBeUndefined()
  })

  it('takes spaces for nothing, not for 0', () => {
    expect(changedFields([lanes], { lanes: ' ' })).toEqual({ lanes: null })
    expect(changedFields([{ ...lanes, value: null }], { lanes: ' ' })).toEqual({})
  })
})

it('plans nothing from the past', () => {
  useAddress.setState({ at: '2' })
  render(<MeasureButtons card={card('w1')} />)
  expect(screen.getByRole<HTMLButtonElement>('button').disabled).toBe(true)
  expect(screen.getByText(/Go back to now/)).toBeTruthy()
})
