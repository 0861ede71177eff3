// A schema in the reader's language: titles and descriptions from their Chinese keys, enums from their titles.
import type { Language, Text } from '../../language/words'
import type { JsonSchema } from '../../server/documents'

function isSchema(value: unknown): value is JsonSchema {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The schema with `title` and `description` as they are read. Everything else stays. */
export function localised(schema: JsonSchema, language: Language): JsonSchema {
  const walk = (node: unknown, isData: boolean): unknown => {
    if (Array.isArray(node)) return node.map((part) => walk(part, isData))
    if (!isSchema(node) || isData) return node
    const entries = Object.entries(node).map(([key, value]) => [key, walk(value, DATA.has(key))])
    const own = Object.fromEntries(entries) as JsonSchema
    if (language === 'zh') {
      if (typeof node.title_zh === 'string') own.title = node.title_zh
      if (typeof node.description_zh === 'string') own.description = node.description_zh
    }
    return own
  }
  return walk(schema, false) as JsonSchema
}

/** Keys whose values are data, not schemas. */
const DATA = new Set(['default', 'enum', 'const', 'examples', 'enum_titles'])

/** Names of an enum's values, in order, or undefined if they speak for themselves. */
export function enumNames(schema: JsonSchema, language: Language): string[] | undefined {
  const titles = schema.enum_titles as Record<string, Text> | undefined
  if (!titles || !Array.isArray(schema.enum)) return undefined
  return schema.enum.map((value) => titles[String(value)]?.[language] ?? String(value))
}
