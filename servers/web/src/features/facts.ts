// A card's fields as a person reads them: which come first, and each value in words.
import { formatQuantity } from '../language/quantities'
import type { Language } from '../language/words'
import type { CardField } from '../server/documents'
import { featureWords } from './featureWords'
import { valueText } from './valueWords'

const IN_HEADING = new Set(['name', 'name_zh', 'name_en', 'group'])
const ASIDE = new Set(['source_id', 'tags', 'from_node', 'to_node', 'node', 'via_node', 'from_road', 'to_road', 'nodes'])

/** What the panel lists first: known values that say something about the thing itself. */
export function keyFacts(fields: CardField[]): CardField[] {
  return fields.filter((field) => !IN_HEADING.has(field.name) && !ASIDE.has(field.name) && known(field.value))
}

/** What is folded away: ids, raw attributes. */
export function furtherFacts(fields: CardField[]): CardField[] {
  return fields.filter((field) => ASIDE.has(field.name) && known(field.value))
}

export function known(value: unknown): boolean {
  return value !== null && value !== undefined && value !== ''
}

/** A value with its unit, in the reader's words. */
export function factText(field: Pick<CardField, 'name' | 'unit' | 'dtype'>, value: unknown, language: Language): string {
  const words = featureWords[language]
  if (!known(value)) return words.empty
  if (typeof value === 'boolean') return value ? words.yes : words.no
  if (typeof value === 'number') return field.dtype.startsWith('int') && ASIDE.has(field.name) ? String(value) : formatQuantity(value, field.unit, language)
  if (typeof value === 'object') return JSON.stringify(value)
  return valueText(field.name, value)?.[language] ?? String(value)
}
