// Kinds of measures as scenarios declare them, and what a measure says in one line.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { formatQuantity } from '../language/quantities'
import type { Language } from '../language/words'
import { getJson } from '../server/client'
import type { JsonSchema, Measure, MeasureDocument } from '../server/documents'
import { defaultsOf } from './forms/layout'
import { enumNames } from './forms/localise'

export const measureTypesQuery = queryOptions({
  queryKey: ['measures'],
  queryFn: async ({ signal }) => (await getJson<{ measures: MeasureDocument[] }>('/api/measures', signal)).measures,
  staleTime: 300_000,
})

/** By type; undefined while they are on their way. */
export function useMeasureTypes(): Map<string, MeasureDocument> | undefined {
  const { data } = useQuery(measureTypesQuery)
  return useMemo(() => data && new Map(data.map((one) => [one.type, one])), [data])
}

/** field → layer of the features it names. */
export function targetsOf(type: MeasureDocument): Record<string, string> {
  return Object.fromEntries(type.targets.map((one) => [one.field, one.layer]))
}

/** Fields without which it cannot be: needed ones, and one of the places it may name. */
export function missingFields(measure: Measure, type: MeasureDocument): string[] {
  const isGiven = (field: string) => measure[field] !== undefined && measure[field] !== ''
  const needed = ((type.schema.required as string[] | undefined) ?? []).filter((field) => !isGiven(field) && field !== 'type')
  const places = type.targets.map((one) => one.field)
  const lacksPlace = places.length > 0 && !places.some(isGiven)
  return lacksPlace ? [...new Set([places[0], ...needed])] : needed
}

const TIMES = new Set(['type', 'note', 'from', 'to', 'days'])

const YES_NO: Record<Language, [string, string]> = { en: ['yes', 'no'], zh: ['是', '否'] }

/** Any value of a schema's field in one line: with its unit, in the words of its choices. */
export function valueWords(value: unknown, schema: JsonSchema, language: Language): string {
  if (value === null || value === undefined) return '–'
  if (typeof value === 'number') return formatQuantity(value, schema.unit as string | undefined, language)
  const place = Array.isArray(schema.enum) ? schema.enum.indexOf(value) : -1
  const name = place >= 0 ? enumNames(schema, language)?.[place] : undefined
  if (name !== undefined) return name
  const separator = language === 'zh' ? '、' : ', '
  if (typeof value === 'boolean') return YES_NO[language][value ? 0 : 1]
  if (Array.isArray(value)) return value.map((part) => valueWords(part, (schema.items as JsonSchema | undefined) ?? {}, language)).join(separator)
  if (typeof value !== 'object') return String(value)
  const said = ([key, part]: [string, unknown]) => `${titleOf(schema.properties?.[key], key, language)} ${valueWords(part, schema.properties?.[key] ?? {}, language)}`
  return Object.entries(value).map(said).join(separator)
}

/** A field's title in the reader's language; its own name where the schema has none. */
export function titleOf(schema: JsonSchema | undefined, field: string, language: Language): string {
  const chinese = schema?.title_zh
  return language === 'zh' && typeof chinese === 'string' ? chinese : (schema?.title ?? field.replaceAll('_', ' '))
}

/** "07:00–09:00, workdays"; empty where it holds for good. */
export function timeWords(measure: Measure, type: MeasureDocument | undefined, language: Language): string {
  const { from, to, days } = measure as Record<string, string | undefined>
  const hours = from || to ? `${from ?? ''}–${to ?? ''}` : ''
  const schema = type?.schema.properties?.days ?? {}
  const on = days && days !== schema.default ? valueWords(days, schema, language) : ''
  return [hours, on].filter(Boolean).join(language === 'zh' ? '，' : ', ')
}

/** What it says besides where and when: "2 lanes", "40 km/h". Values as by default are left out. */
export function fieldWords(measure: Measure, type: MeasureDocument | undefined, language: Language): string[] {
  const properties = type?.schema.properties ?? {}
  // A place that is not one text (a list of them) is said among the fields: nothing given stays unsaid.
  const places = new Set(placesOf(measure, type).map((one) => one.field))
  const defaults = type ? defaultsOf(type.schema) : {}
  const order = Object.keys(properties)
  const rank = (field: string) => (order.includes(field) ? order.indexOf(field) : order.length)
  return Object.entries(measure)
    .filter(([field, value]) => !TIMES.has(field) && !places.has(field) && value !== undefined && value !== null && value !== '')
    .filter(([field, value]) => JSON.stringify(value) !== JSON.stringify(defaults[field]))
    .sort(([one], [other]) => rank(one) - rank(other))
    .map(([field, value]) => {
      const property = properties[field] ?? {}
      const words = valueWords(value, property, language)
      return property.unit || Array.isArray(property.enum) ? words : `${titleOf(property, field, language)} ${words}`
    })
}

/** The places it names, as written. */
export function placesOf(measure: Measure, type: MeasureDocument | undefined): { field: string; layer: string; name: string }[] {
  return (type?.targets ?? [])
    .filter(({ field }) => typeof measure[field] === 'string' && measure[field] !== '')
    .map(({ field, layer }) => ({ field, layer, name: String(measure[field]) }))
}
