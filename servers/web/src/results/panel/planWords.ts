// Plans and their measures as people say them.
import type { JsonSchema, Measure, MeasureDocument, Plan } from '../../server/documents'
import type { Language, Text } from '../../language/words'

/** A plan's title, else its name; null for the city as it is. */
export function planTitle(plan: Plan): string | null {
  if (plan.measures.length === 0 && !plan.title) return null
  return plan.title || plan.plan.replaceAll('-', ' ')
}

/** A schema's title in the reader's language. */
export function schemaTitle(schema: JsonSchema | undefined, name: string, language: Language): string {
  const chinese = schema?.title_zh
  if (language === 'zh' && typeof chinese === 'string') return chinese
  return schema?.title ?? name.replaceAll('_', ' ')
}

/** Any JSON value in one line. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value)) return value.map(plainValue).join(', ')
  if (typeof value === 'object') return Object.entries(value).map(([name, part]) => `${name.replaceAll('_', ' ')}: ${plainValue(part)}`).join(', ')
  return String(value)
}

export type MeasureWords = { title: Text | string; fields: { title: string; value: string }[]; note: string }

/** A measure's type and what is given of it. */
export function measureWords(measure: Measure, types: MeasureDocument[], language: Language): MeasureWords {
  const known = types.find((one) => one.type === measure.type)
  const places = Object.keys(known?.schema.properties ?? {})
  const place = (name: string) => (places.includes(name) ? places.indexOf(name) : places.length)
  const given = Object.entries(measure)
    .filter(([name, value]) => !['type', 'note'].includes(name) && value !== null && value !== '')
    .sort(([one], [other]) => place(one) - place(other))
  const fields = given.map(([name, value]) => ({ title: schemaTitle(known?.schema.properties?.[name], name, language), value: plainValue(value) }))
  return { title: known?.title ?? measure.type.replaceAll('_', ' '), fields, note: typeof measure.note === 'string' ? measure.note : '' }
}
