// Which control each field of a schema gets, from what the schema says of it. No scenario is known here.
import type { UiSchema } from '@rjsf/utils'
import type { Language } from '../../language/words'
import type { JsonSchema } from '../../server/documents'
import { enumNames } from './localise'
import { resolved } from './schemaPlaces'

export type Layout = {
  /** Layer of the features that a field names, where the declaration says it apart from the schema. */
  targets?: Record<string, string>
  /** Fields that are rarely wanted: they stand under "more options" until they say something. */
  aside?: string[]
  /** How many fields stand open at first; the rest are "more options". Undefined: all. */
  open?: number
}

const PATHS = new Set(['path', 'file-path', 'directory-path'])
const MOST_SEGMENTS = 4
const MOST_LETTERS = 26

/** Chinese letters are twice as wide. */
const widthOf = (text: string) => [...text].reduce((width, sign) => width + (sign > '⺀' ? 2 : 1), 0)

function choice(schema: JsonSchema, language: Language): UiSchema {
  const names = enumNames(schema, language) ?? (schema.enum as unknown[]).map(String)
  const narrow = names.length <= MOST_SEGMENTS && widthOf(names.join('')) <= MOST_LETTERS
  return { 'ui:widget': narrow ? 'choice' : 'select', 'ui:enumNames': names }
}

const CLOCK_PAIR = ['from', 'to']

function leaf(name: string, schema: JsonSchema, parent: JsonSchema, layer: string | undefined, language: Language): UiSchema {
  if ('const' in schema) return { 'ui:widget': 'hidden' }
  if (Array.isArray(schema.enum)) return choice(schema, language)
  if (schema.input_file === true || PATHS.has(String(schema.format))) return { 'ui:widget': 'file', 'ui:options': { wide: true } }
  if (schema.type === 'boolean') return { 'ui:widget': 'switch' }
  if (schema.type === 'number' || schema.type === 'integer') return { 'ui:widget': 'quantity' }
  if (schema.type !== 'string') return {}
  if (layer) return { 'ui:widget': 'feature', 'ui:options': { layer, wide: true, quiet: true } }
  if (CLOCK_PAIR.includes(name) && CLOCK_PAIR.every((one) => parent.properties?.[one])) return { 'ui:widget': 'clock', 'ui:options': { quiet: true, first: name === CLOCK_PAIR[0] } }
  return {}
}

function isFreeObject(schema: JsonSchema): boolean {
  return schema.type === 'object' && Object.keys(schema.properties ?? {}).length === 0 && !schema.anyOf && !schema.oneOf
}

function fieldLayout(
  name: string, raw: JsonSchema, parent: JsonSchema, root: JsonSchema, layout: Layout, language: Language, depth: number,
): UiSchema {
  const schema = resolved(raw, root)
  const layer = layout.targets?.[name] ?? (typeof schema.layer === 'string' ? schema.layer : undefined)
  if (depth > 6) return {}
  if (isFreeObject(schema)) return { 'ui:field': 'json', 'ui:options': { wide: true } }
  if (schema.properties) return { ...layoutOf(schema, root, {}, language, depth + 1), 'ui:options': { wide: true } }
  if (schema.type === 'array' && typeof schema.items === 'object') {
    const items = fieldLayout(name, schema.items as JsonSchema, schema, root, layout, language, depth + 1)
    return { 'ui:options': { wide: true }, items }
  }
  return leaf(name, schema, parent, layer, language)
}

function layoutOf(schema: JsonSchema, root: JsonSchema, layout: Layout, language: Language, depth: number): UiSchema {
  const entries = Object.entries(schema.properties ?? {}).map(([name, property]) => [
    name, fieldLayout(name, property, schema, root, layout, language, depth),
  ])
  return Object.fromEntries(entries) as UiSchema
}

/** RJSF's `uiSchema` of a form. */
export function formLayout(schema: JsonSchema, language: Language, layout: Layout = {}): UiSchema {
  const order = [...orderOf(schema), '*']
  return { ...layoutOf(schema, schema, layout, language, 0), 'ui:order': order, 'ui:options': { open: layout.open, aside: layout.aside } }
}

/** Fields in a person's order: what is changed and how, then when, then the remark. */
function orderOf(schema: JsonSchema): string[] {
  const names = Object.keys(schema.properties ?? {})
  const base = ['from', 'to', 'days', 'note']
  const isTimed = CLOCK_PAIR.every((one) => names.includes(one))
  return isTimed ? [...names.filter((name) => !base.includes(name)), ...base.filter((name) => names.includes(name))] : names
}

/** Values that hold where a form says nothing. */
export function defaultsOf(schema: JsonSchema): Record<string, unknown> {
  const entries = Object.entries(schema.properties ?? {}).filter(([, property]) => 'default' in property)
  return Object.fromEntries(entries.map(([name, property]) => [name, property.default]))
}
