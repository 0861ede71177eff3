// The validator against the schemas of the built-in scenarios, as the server sends them.
import { describe, expect, it } from 'vitest'
import type { RJSFSchema } from '@rjsf/utils'
import type { JsonSchema } from '../../src/server/documents'
import { createValidator } from '../../src/planning/validator'
import { defaultsOf } from '../../src/planning/forms/layout'
import schemas from './schemas.json'

const validator = createValidator('en')
const parameters = schemas.parameters as unknown as Record<string, JsonSchema>
const measures = new Map(schemas.measures.map((one) => [one.type, one.schema as unknown as JsonSchema]))

function check(schema: JsonSchema, data: Record<string, unknown>, language: 'en' | 'zh' = 'en') {
  return createValidator(language).validateFormData(data, schema as RJSFSchema)
}
const faults = (schema: JsonSchema, data: Record<string, unknown>) => check(schema, data).errors.map((one) => `${one.property} ${one.name}`)

describe('validator', () => {
  it.each(Object.entries(parameters))('takes the defaults of %s', (_, schema) => {
    expect(faults(schema, defaultsOf(schema))).toEqual([])
  })

  const simulate = parameters['traffic.simulate']
  it.each([
    [{ mode: 'nano' }, '.mode enum'], [{ iterations: 0 }, '.iterations minimum'], [{ iterations: 2.5 }, '.iterations type'],
    [{ demand_scale: 0 }, '.demand_scale exclusiveMinimum'], [{ demand_scale: 11 }, '.demand_scale maximum'], [{ speling: 1 }, '.speling additionalProperties'],
    [{ warmup_min: 'long' }, '.warmup_min type'],
  ])('finds the fault in %j', (given, expected) => {
    expect(faults(simulate, { ...defaultsOf(simulate), ...given })).toEqual([expected])
  })

  it('says what is wrong beside the field, with the limit, in both languages', () => {
    const given = { ...defaultsOf(simulate), iterations: 99 }
    expect(check(simulate, given).errorSchema).toEqual({ iterations: { __errors: ['At most 50'] } })
    expect(check(simulate, given, 'zh').errorSchema).toEqual({ iterations: { __errors: ['不大于 50'] } })
  })

  it('puts a missing field’s fault at the field', () => {
    expect(check(measures.get('speed_limit')!, { type: 'speed_limit' }).errorSchema).toMatchObject({
      road: { __errors: ['This is needed'] }, speed_kmh: { __errors: ['This is needed'] },
    })
  })

  it('follows references into lists', () => {
    const signal = measures.get('signal_program')!
    const phases = [{ state: 'GGrr', duration_s: 30 }, { state: 'GG!', duration_s: 700 }]
    expect(faults(signal, { type: 'signal_program', signal: 'S', phases })).toEqual(['.phases.1.state pattern', '.phases.1.duration_s maximum'])
    expect(faults(signal, { type: 'signal_program', signal: 'S', phases: phases.slice(0, 1) })).toEqual(['.phases minItems'])
  })

  it('says one thing where none of several forms fits', () => {
    const schema = { type: 'object', properties: { at: { anyOf: [{ type: 'number', minimum: 3 }, { type: 'string', minLength: 2 }] } } } as JsonSchema
    expect(faults(schema, { at: 1 })).toEqual(['.at anyOf'])
    expect(faults(schema, { at: 'ok' })).toEqual([])
  })

  it('tells whether a part of a schema fits, with the root’s definitions', () => {
    const root = { $defs: { one: { type: 'integer' } }, type: 'object', properties: { a: { $ref: '#/$defs/one' } } } as JsonSchema
    const fits = (data: unknown) => validator.isValid(root.properties!.a as RJSFSchema, data as Record<string, unknown>, root as RJSFSchema)
    expect(fits(1)).toBe(true)
    expect(fits('1')).toBe(false)
    expect(fits(undefined)).toBe(false)
  })

  it('leaves a schema that it cannot read to the server, and does not mark the one it was given', () => {
    const schema = Object.freeze({ type: 'object', properties: { a: Object.freeze({ type: 'string', pattern: '(?P<year>\\d+)' }) } })
    expect(faults(schema as unknown as JsonSchema, { a: 'x' })).toEqual([])
    expect(Object.getOwnPropertyNames(schema)).toEqual(['type', 'properties'])
    expect(validator.rawValidation(schema as unknown as RJSFSchema, { a: 'x' }).validationError).toBeInstanceOf(Error)
  })

  it('keeps to the caller’s own checks too', () => {
    const result = validator.validateFormData(
      { a: 1 }, { type: 'object' }, (_, errors) => (errors.addError('both cannot be'), errors), (errors) => errors,
    )
    expect(result.errors.map((one) => one.stack)).toEqual(['. both cannot be'])
  })
})
