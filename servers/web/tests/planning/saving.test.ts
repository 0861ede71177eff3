// Saving a plan that somebody else saves too: both are shown, and a person chooses.
import { describe, expect, it } from 'vitest'
import { Problem } from '../../src/server/client'
import type { PlanDocument } from '../../src/server/documents'
import { onlyIn } from '../../src/planning/planDifference'
import { freeName, isPlanName, nameFromTitle } from '../../src/planning/planNames'
import { IDLE, saving, savings, type Saving } from '../../src/planning/saving'
import { nameToSave } from '../../src/planning/useSaving'

const newest: PlanDocument = { name: 'p', version: 4, at: '', author: 'ann', hash: '', plan: { plan: 'p', measures: [] } }
const refusal = (code: string, more = {}) => new Problem({ status: 412, code, what: code, ...more })
const after = (state: Saving, ...events: Parameters<typeof saving>[1][]) => events.reduce(saving, state)

describe('saving', () => {
  it('says which version was saved', () => {
    expect(after(IDLE, { kind: 'asked' }, { kind: 'saved', document: newest })).toEqual({ step: 'idle', justSaved: 4 })
  })

  it('shows both versions after somebody else saved', () => {
    const state = after(IDLE, { kind: 'asked' }, { kind: 'refused', problem: refusal('plan.edited_meanwhile', { newest }) })
    expect(state).toEqual({ step: 'conflict', newest })
  })

  it('keeps a conflict until a person has chosen, and meets a third version with another one', () => {
    const conflict: Saving = { step: 'conflict', newest }
    expect(after(conflict, { kind: 'edited' })).toBe(conflict)
    const third = { ...newest, version: 5 }
    const again = after(conflict, { kind: 'asked' }, { kind: 'refused', problem: refusal('plan.edited_meanwhile', { newest: third }) })
    expect(again).toEqual({ step: 'conflict', newest: third })
    expect(after(conflict, { kind: 'settled' })).toEqual(IDLE)
  })

  it('tells a taken name from other refusals, and forgets both once something is changed', () => {
    const taken = after(IDLE, { kind: 'refused', problem: refusal('plan.name_taken') })
    expect(taken.step).toBe('taken')
    expect(after(taken, { kind: 'edited' })).toEqual(IDLE)
    const problem = refusal('plan.unknown_measure')
    expect(after(IDLE, { kind: 'refused', problem })).toEqual({ step: 'failed', problem })
  })

  it('keeps what becomes of one plan apart from another one', () => {
    const problem = refusal('plan.edited_meanwhile', { newest })
    const both = savings(savings({}, 'p', { kind: 'asked' }), 'other', { kind: 'asked' })
    const states = savings(savings(both, 'other', { kind: 'saved', document: { ...newest, name: 'other' } }), 'p', { kind: 'refused', problem })
    expect(states.p).toEqual({ step: 'conflict', newest })
    expect(states.other).toEqual({ step: 'idle', justSaved: 4 })
  })

  it('goes on under the name that a first save gives', () => {
    const states = savings(savings({}, 'new:1', { kind: 'asked' }), 'new:1', { kind: 'saved', document: newest })
    expect(states).toEqual({ p: { step: 'idle', justSaved: 4 } })
  })
})

describe('names of plans', () => {
  it('are made from titles as the server takes them', () => {
    for (const title of ['封闭东水门大桥 7–9 点', 'Close the bridge, 7–9 h', '../etc', '—', 'x'.repeat(200)]) {
      const name = nameFromTitle(title)
      expect(name === '' || isPlanName(name), title).toBe(true)
    }
    expect(nameFromTitle('封闭东水门大桥 7–9 点')).toBe('封闭东水门大桥-7-9-点')
  })

  it('get a number where they are taken', () => {
    expect(freeName('bridge', ['other'])).toBe('bridge')
    expect(freeName('bridge', ['bridge', 'bridge-2'])).toBe('bridge-3')
    expect(nameToSave({ plan: '', title: 'Bridge', measures: [] }, null, ['Bridge'])).toBe('Bridge-2')
    expect(nameToSave({ plan: 'given', title: 'Bridge', measures: [] }, null, ['given'])).toBe('given')
    expect(nameToSave({ plan: '', title: '——', measures: [] }, null, [])).toBe('plan')
  })
})

describe('measures of two versions', () => {
  it('counts a measure that stands twice twice', () => {
    const close = { type: 'close', road: 'A' }
    expect(onlyIn([close, close], [{ road: 'A', type: 'close' }])).toEqual([close])
    expect(onlyIn([close], [close, close])).toEqual([])
  })
})
