// @vitest-environment jsdom
// The open plan: every change a step, nothing lost by a reload, by opening another plan, or by another city.
import { beforeEach, describe, expect, it, vi } from 'vitest'
import type { PlanDocument } from '../../src/server/documents'
import { useAddress } from '../../src/state/address'
import { addressOf, isDirty, unsavedDrafts, useDraft } from '../../src/planning/draft'
import * as memory from '../../src/planning/draftMemory'

const document = (name: string, version: number, road = 'A'): PlanDocument => ({
  name, version, at: '2025-03-03T08:00:00Z', author: 'ann', hash: 'h', plan: { plan: name, title: name, measures: [{ type: 'close', road }] },
})
const store = () => useDraft.getState()
const open = () => store().drafts[store().current!]
const plan = () => open().history.present

/** What a reload does: the page forgets, the browser does not. */
function reload(city: string): void {
  useDraft.setState({ city: '', drafts: {}, current: null })
  store().attach(city)
}

beforeEach(() => {
  useDraft.setState({ city: '', drafts: {}, current: null }) // first: what waits is written now
  localStorage.clear()
  sessionStorage.clear()
  store().attach('yunmen')
})

describe('draft', () => {
  it('begins a plan for the first measure, and shows it', () => {
    store().addMeasure({ type: 'close', road: '东水门大桥' })
    store().addMeasure({ type: 'bus_lane', road: 'B' })
    expect(plan().measures.map((one) => one.type)).toEqual(['close', 'bus_lane'])
    expect(plan().title).not.toBe('')
    expect(useAddress.getState().panel).toBe('plan')
    expect(addressOf(store().current)).toBe('')
  })

  it('undoes and redoes each change of measures and title', () => {
    store().begin()
    store().setTitle('Bridge')
    store().addMeasure({ type: 'close', road: 'A' })
    store().addMeasure({ type: 'close', road: 'B' })
    store().moveMeasure(1, 0)
    store().updateMeasure(0, { type: 'close', road: 'C' })
    store().removeMeasure(1)
    const end = plan()
    expect(end.measures).toEqual([{ type: 'close', road: 'C' }])
    for (let step = 0; step < 6; step += 1) store().undo()
    expect(plan().measures).toEqual([])
    for (let step = 0; step < 6; step += 1) store().redo()
    expect(plan()).toEqual(end)
  })

  it('survives a reload with its steps', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    store().setTitle('Bridge')
    reload('yunmen')
    expect(plan().title).toBe('Bridge')
    store().undo()
    store().undo()
    expect(plan().measures).toEqual([])
  })

  it('keeps the drafts of two cities apart', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    reload('elsewhere')
    expect(store().drafts).toEqual({})
    reload('yunmen')
    expect(plan().measures).toHaveLength(1)
  })

  it('keeps what was begun before the city was known', () => {
    useDraft.setState({ city: '', drafts: {}, current: null })
    store().addMeasure({ type: 'close', road: 'A' })
    store().attach('yunmen')
    reload('yunmen')
    expect(plan().measures).toHaveLength(1)
  })

  it('keeps unsaved changes when another plan is opened, and when the same one is opened again', () => {
    store().open(document('one', 1))
    store().updateMeasure(0, { type: 'close', road: 'mine' })
    store().open(document('two', 1))
    expect(unsavedDrafts(store().drafts).map(([key]) => key)).toEqual(['one'])
    store().open(document('one', 2, 'theirs'))
    expect(plan().measures[0].road).toBe('mine')
    store().open(document('one', 2, 'theirs'), true)
    expect(plan().measures[0].road).toBe('theirs')
  })

  it('is saved under its name, and can still be undone', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    store().saved({ ...document('bridge', 1), plan: { ...plan(), plan: 'bridge' } })
    expect(store().current).toBe('bridge')
    expect(isDirty(open())).toBe(false)
    store().undo()
    expect(isDirty(open())).toBe(true)
    expect(plan().plan).toBe('bridge')
  })

  it('does not take a change for saved that was made while saving', () => {
    store().open(document('one', 1))
    const sent = plan()
    store().updateMeasure(0, { type: 'close', road: 'later' })
    store().saved({ ...document('one', 2), plan: sent })
    expect(isDirty(open())).toBe(true)
    expect(open().version).toBe(2)
  })

  it('saves the draft that was sent, even if another one is open by then', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    const key = store().current!
    const sent = plan()
    store().open(document('other', 4))
    store().saved({ ...document('first', 1), plan: { ...sent, plan: 'first' } }, key)
    expect(store().current).toBe('other')
    expect(store().drafts.first.version).toBe(1)
    expect(store().drafts[key]).toBeUndefined()
  })

  it('goes on under another name and leaves the saved plan alone', () => {
    store().open(document('one', 1))
    store().updateMeasure(0, { type: 'close', road: 'mine' })
    store().branch('', 'one (mine)')
    expect(open().version).toBeNull()
    expect(plan()).toMatchObject({ plan: '', title: 'one (mine)', measures: [{ road: 'mine' }] })
    expect(store().drafts.one).toBeUndefined()
  })

  it('does not count another key order as a change', () => {
    store().open(document('one', 1))
    store().updateMeasure(0, { road: 'A', type: 'close' })
    expect(isDirty(open())).toBe(false)
  })

  it('stays what it is to the page when a first save gives it a name', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    const { id } = open()
    store().saved({ ...document('bridge', 1), plan: { ...plan(), plan: 'bridge' } })
    expect(open().id).toBe(id)
    store().open(document('other', 1))
    expect(open().id).not.toBe(id)
  })

  it('is written once after typing on, and at once when the page goes away', () => {
    vi.useFakeTimers()
    const write = vi.spyOn(memory, 'keepDraft')
    store().begin()
    for (const title of ['B', 'Br', 'Bri']) store().setTitle(title)
    expect(write).not.toHaveBeenCalled()
    vi.runAllTimers()
    expect(write).toHaveBeenCalledTimes(1)
    store().setTitle('Bridge')
    window.dispatchEvent(new Event('pagehide'))
    expect(write).toHaveBeenCalledTimes(2)
    expect(memory.recall('yunmen').drafts[store().current!].history.present.title).toBe('Bridge')
    vi.useRealTimers()
    write.mockRestore()
  })

  it('is kept without its steps where there is no room for them', () => {
    store().addMeasure({ type: 'close', road: 'A' })
    const draft = open()
    const room = vi.spyOn(Storage.prototype, 'setItem').mockImplementationOnce(() => {
      throw new DOMException('full', 'QuotaExceededError')
    })
    memory.keepDraft('yunmen', 'k', draft)
    room.mockRestore()
    expect(memory.recall('yunmen').drafts.k.history).toMatchObject({ past: [], present: { measures: [{ road: 'A' }] } })
  })

  it('is not kept in the browser for ever once it says what the server says', () => {
    store().open(document('read', 1))
    store().open(document('changed', 1))
    store().updateMeasure(0, { type: 'close', road: 'mine' })
    store().open(document('open', 1))
    reload('yunmen')
    expect(Object.keys(store().drafts).sort()).toEqual(['changed', 'open'])
    expect(Object.keys(memory.recall('yunmen').drafts).sort()).toEqual(['changed', 'open'])
  })

  it('reads nothing but drafts from the browser', () => {
    localStorage.setItem('cim.draft.yunmen/broken', '{"history": 3}')
    localStorage.setItem('cim.draft.yunmen/worse', '{')
    expect(memory.recall('yunmen').drafts).toEqual({})
  })
})
