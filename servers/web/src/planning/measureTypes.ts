// Kinds of measures as scenarios declare them, and what a measure says in one line.
import { queryOptions, useQuery } from '@tanstack/react-query'
import { useMemo } from 'react'
import { formatQuantity } from '../language/quantities'
import type { Language } from '../language/words'
import { getJson } from '../server/client'
import type { JsonSchema, Measure, MeasureDocument } from '../server/documents'
import { defaultsOf } from './forms/layout'
import { enumNames, localised } from './forms/localise'

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

function valueWords(value: unknown, schema: JsonSchema, language: Language): string {
  if (typeof value === 'number') return formatQuantity(value, schema.unit as string | undefined, language)
  const place = Array.isArray(schema.enum) ? schema.enum.indexOf(value) : -1
  const name = place >= 0 ? enumNames(schema, language)?.[place] : undefined
  return name ?? (typeof value === 'object' ? '…' : String(value))
}

/** "07:00–09:00, workdays"; empty where it holds for good. */
export function timeWords(measure: Measure, type: MeasureDocument | undefined, language: Language): string {
  const { from, to, days } = measure as Record<string, string | undefined>
  const hours = from || to ? `${from ?? ''}–${to ?? ''}` : ''
  const schema = type?.schema.properties?.days
  const on = days && days !== schema?.default && schema ? valueWords(days, schema, language) : ''
  return [hours, on].filter(Boolean).join(language === 'zh' ? '，' : ', ')
}

/** What it says besides where and when: "2 lanes", "40 km/h". Values as by default are left out. */
export function fieldWords(measure: Measure, type: MeasureDocument, language: Language): string[] {
  const schema = localised(type.schema, language)
  const places = new Set(type.targets.map((one) => one.field))
  const defaults = defaultsOf(type.schema)
  return Object.entries(measure)
    .filter(([field, value]) => !TIMES.has(field) && !places.has(field) && value !== undefined && value !== '')
    .filter(([field, value]) => value !== defaults[field])
    .map(([field, value]) => {
      const property = schema.properties?.[field] ?? {}
      const words = valueWords(value, property, language)
      return property.unit || Array.isArray(property.enum) ? words : `${property.title ?? field} ${words}`
    })
}

/** The places it names, as written. */
export function placesOf(measure: Measure, type: MeasureDocument | undefined): { layer: string; name: string }[] {
  return (type?.targets ?? [])
    .filter(({ field }) => typeof measure[field] === 'string' && measure[field] !== '')
    .map(({ field, layer }) => ({ layer, name: String(measure[field]) }))
}
