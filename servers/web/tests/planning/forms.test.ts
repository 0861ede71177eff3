// Forms from declarations alone: language, controls, times, and what a measure says in a line.
import { describe, expect, it } from 'vitest'
import type { JsonSchema, MeasureDocument } from '../../src/server/documents'
import { clockSuggestions, clockText } from '../../src/planning/forms/clockText'
import { defaultsOf, formLayout } from '../../src/planning/forms/layout'
import { enumNames, localised } from '../../src/planning/forms/localise'
import { at, pointerSteps } from '../../src/planning/forms/schemaPlaces'
import { fieldWords, missingFields, placesOf, timeWords } from '../../src/planning/measureTypes'
import schemas from './schemas.json'

const types = new Map(schemas.measures.map((one) => [one.type, one as unknown as MeasureDocument]))
const simulate = schemas.parameters['traffic.simulate'] as unknown as JsonSchema
const chinese = /[一-鿿]/

describe('schema in the reader’s language', () => {
  it('has every title of the built-in measures in Chinese', () => {
    for (const { type, schema } of types.values())
      for (const [name, property] of Object.entries(localised(schema, 'zh').properties ?? {}))
        if (!('const' in property)) expect(property.title, `${type}.${name}`).toMatch(chinese)
  })

  it('leaves data alone, also where it looks like a schema', () => {
    const schema = { properties: { a: { title: 'A', title_zh: '甲', default: { title: 'x', title_zh: '乙' } } } } as JsonSchema
    expect(localised(schema, 'zh').properties!.a).toMatchObject({ title: '甲', default: { title: 'x' } })
    expect(localised(schema, 'en').properties!.a.title).toBe('A')
  })

  it('names the values of an enum', () => {
    const schema = { enum: ['any', 'odd'], enum_titles: { any: { en: 'Any', zh: '任意' } } } as JsonSchema
    expect(enumNames(schema, 'zh')).toEqual(['任意', 'odd'])
    expect(enumNames({ enum: ['any'] } as JsonSchema, 'zh')).toBeUndefined()
  })
})

describe('layout', () => {
  const widgets = (schema: JsonSchema, targets?: Record<string, string>) => {
    const entries = Object.entries(formLayout(schema, 'zh', { targets })).filter(([name]) => !name.startsWith('ui:'))
    return Object.fromEntries(entries.map(([name, ui]) => [name, (ui as Record<string, unknown>)['ui:widget'] ?? (ui as Record<string, unknown>)['ui:field'] ?? '']))
  }

  it('chooses controls of a measure by what its schema says', () => {
    expect(widgets(types.get('close')!.schema)).toEqual({
      type: 'hidden', road: 'feature', walkway: 'feature', direction: 'choice', from: 'clock', to: 'clock', days: 'choice', note: '',
    })
  })

  it('chooses file, number and choice for parameters', () => {
    expect(widgets(simulate)).toMatchObject({ trips: 'file', iterations: 'quantity', mode: 'choice', hours: '' })
  })

  it('serves a scenario it never heard of', () => {
    const schema = {
      type: 'object', $defs: { Way: { enum: ['up', 'down'] } },
      properties: {
        pipe: { type: 'string' }, shut: { type: 'boolean' }, way: { $ref: '#/$defs/Way' }, free: { type: 'object', additionalProperties: true },
        kinds: { enum: ['a very long value', 'another very long value', 'a third one'] }, from: { type: 'string' },
      },
    } as JsonSchema
    expect(widgets(schema, { pipe: 'pipes' })).toEqual({ pipe: 'feature', shut: 'switch', way: 'choice', free: 'json', kinds: 'select', from: '' })
  })

  it('puts when and remarks last', () => {
    const order = formLayout(types.get('speed_limit')!.schema, 'en')['ui:order']!
    expect(order.slice(-5)).toEqual(['from', 'to', 'days', 'note', '*'])
  })

  it('collects the defaults', () => {
    expect(defaultsOf(types.get('bus_lane')!.schema)).toMatchObject({ lanes: 1, direction: 'both' })
  })
})

describe('places in a schema', () => {
  it('reads pointers, and follows references', () => {
    expect(pointerSteps('#/properties/a~1b/minimum')).toEqual(['properties', 'a/b', 'minimum'])
    const schema = { $defs: { N: { minimum: 3 } }, properties: { n: { $ref: '#/$defs/N' } } } as unknown as JsonSchema
    expect(at(schema, '#/properties/n/$ref/minimum')).toBe(3)
    expect(at(schema, '#/properties/none/minimum')).toBeUndefined()
  })
})

describe('clock times', () => {
  it.each([['7', '07:00'], ['730', '07:30'], ['7:5', '07:05'], ['７：３０', '07:30'], ['7点', '07:00'], ['7点30分', '07:30'], ['0730', '07:30'], ['24:00', '24:00']])(
    'reads %s as %s', (typed, expected) => expect(clockText(typed)).toBe(expected),
  )
  it.each(['', '7:75', '99', 'noon', '2025-03-03T07:00+08:00'])('leaves %s to the server', (typed) => expect(clockText(typed)).toBe(typed))
  it('suggests half hours that begin as typed', () => {
    expect(clockSuggestions('7')).toEqual(['07:00', '07:30'])
    expect(clockSuggestions('')).toHaveLength(48)
  })
})

describe('a measure in words', () => {
  const close = types.get('close')!
  it('says where, how and when', () => {
    const measure = { type: 'close', road: '东水门大桥', from: '07:00', to: '09:00', days: 'workday', direction: 'forward' }
    expect(placesOf(measure, close)).toEqual([{ field: 'road', layer: 'roads', name: '东水门大桥' }])
    expect(timeWords(measure, close, 'zh')).toBe('07:00–09:00，工作日')
    expect(timeWords(measure, close, 'en')).toBe('07:00–09:00, Workdays')
    expect(fieldWords(measure, close, 'en')).toEqual(['Drawing direction'])
    expect(fieldWords({ type: 'speed_limit', road: 'A', speed_kmh: 30 }, types.get('speed_limit')!, 'en')).toEqual(['30 km/h'])
  })

  it('knows what is missing: one place is enough', () => {
    expect(missingFields({ type: 'close' }, close)).toEqual(['road'])
    expect(missingFields({ type: 'close', walkway: 'W' }, close)).toEqual([])
    expect(missingFields({ type: 'speed_limit', road: 'A' }, types.get('speed_limit')!)).toEqual(['speed_kmh'])
  })
})
