// Cards and corrections: values as people read and type them, and back in the server's units.
import { describe, expect, it } from 'vitest'
import { boundsOf } from '../src/map/camera'
import { roundLength } from '../src/map/ScaleBar'
import { changedFields, editableFields, fault, typedValue } from '../src/features/corrections'
import { factText, furtherFacts, keyFacts } from '../src/features/facts'
import type { CardField } from '../src/server/documents'

function field(name: string, dtype: string, value: unknown, unit: string | null = null, editable = true): CardField {
  return { name, dtype, value, unit, editable, title: { en: name, zh: name }, assumed: null, correction: null }
}
const speed = field('speed_limit_mps', 'float64', 50 / 3.6, 'm/s')
const lanes = field('lanes_forward', 'int64', 2)
const oneway = field('oneway', 'bool', false)

describe('facts', () => {
  it('says values in words and units', () => {
    expect(factText(speed, speed.value, 'en')).toBe('50 km/h')
    expect(factText(oneway, false, 'zh')).toBe('否')
    expect(factText({ name: 'class', unit: null, dtype: 'string' }, 'primary', 'zh')).toBe('主干路')
    expect(factText({ name: 'class', unit: null, dtype: 'string' }, 'skyway', 'zh')).toBe('skyway')
    expect(factText(lanes, null, 'en')).toBe('unknown')
  })

  it('puts names in the heading, ids aside, and leaves out what is unknown', () => {
    const fields = [field('name', 'string', '东水门大桥'), lanes, field('source_id', 'string', 'way/1'), field('surface', 'string', null)]
    expect(keyFacts(fields).map((one) => one.name)).toEqual(['lanes_forward'])
    expect(furtherFacts(fields).map((one) => one.name)).toEqual(['source_id'])
  })
})

describe('corrections', () => {
  it('stand in the form as people read them', () => {
    expect([typedValue(speed), typedValue(lanes), typedValue(oneway)]).toEqual(['50', '2', false])
  })

  it('send only what was changed, in the server’s units', () => {
    const typed = { speed_limit_mps: '60', lanes_forward: '2', oneway: true }
    const changed = changedFields([speed, lanes, oneway], typed)
    expect(Object.keys(changed).sort()).toEqual(['oneway', 'speed_limit_mps'])
    expect(changed.speed_limit_mps).toBeCloseTo(60 / 3.6, 12)
    expect(changedFields([lanes], { lanes_forward: '' })).toEqual({ lanes_forward: null })
  })

  it.each([['2.5', 'wholeNumber'], ['two', 'wholeNumber'], ['3', null], ['1,200', null], ['', null]])('judge "%s" lanes as %s', (typed, wrong) => {
    expect(fault(lanes, typed)).toBe(wrong)
  })

  it('offer no field of a kind that cannot be typed', () => {
    expect(editableFields([field('tags', 'json', {}), field('nodes', 'list<int64>', []), lanes])).toEqual([lanes])
  })
})

describe('places', () => {
  it('have a box, whatever their geometry', () => {
    expect(boundsOf({ type: 'Point', coordinates: [1, 2] })).toEqual([1, 2, 1, 2])
    expect(boundsOf({ type: 'MultiPolygon', coordinates: [[[[0, 0], [2, 0], [2, 3], [0, 0]]], [[[5, -1], [6, 0], [5, 0], [5, -1]]]] })).toEqual([0, -1, 6, 3])
    expect(boundsOf({ type: 'MultiLineString', coordinates: [[[1, 5], [3, 2]], [[-1, 4]]] })).toEqual([-1, 2, 3, 5])
    expect(boundsOf(null)).toBeNull()
  })

  it.each([[1, 1], [1.9, 1], [2, 2], [499, 200], [500, 500], [9999, 5000]])('have scale bars of round length: at most %f m is %f m', (most, round) => {
    expect(roundLength(most)).toBe(round)
  })
})
