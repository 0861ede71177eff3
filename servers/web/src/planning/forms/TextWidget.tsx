// A line of text. Emptied, it falls back to its default only when it is left: one can clear it and type anew.
import type { WidgetProps } from '@rjsf/utils'
import { AutoComplete, Input } from 'antd'
import { useEffect, useMemo, useState } from 'react'
import { useLanguage, type Text } from '../../language/words'
import type { JsonSchema } from '../../server/documents'

/** What the schema offers as examples, with their names where it gives them. */
function useSuggestions(schema: JsonSchema): { value: string; label: string }[] {
  const language = useLanguage()
  return useMemo(() => {
    const titles = (schema.enum_titles ?? {}) as Record<string, Text>
    const name = (value: string) => (titles[value] ? `${titles[value][language]} (${value})` : value)
    return ((schema.examples ?? []) as unknown[]).map(String).map((value) => ({ value, label: name(value) }))
  }, [schema, language])
}

export function TextWidget({ id, value, onChange, label, schema, placeholder, disabled }: WidgetProps) {
  const suggestions = useSuggestions(schema as JsonSchema)
  const written = typeof value === 'string' ? value : ''
  const [typed, setTyped] = useState(written)
  useEffect(() => setTyped(written), [written])
  const type = (text: string) => {
    setTyped(text)
    if (text !== '') onChange(text)
  }
  const leave = () => {
    if (typed !== '') return
    onChange(undefined)
    setTyped(written)
  }
  const field = { id, 'aria-label': label, value: typed, placeholder, disabled, onBlur: leave }
  if (suggestions.length > 0) return <AutoComplete {...field} options={suggestions} onChange={(text: string | undefined) => type(text ?? '')} />
  return <Input {...field} maxLength={4000} onChange={({ target }) => type(target.value)} />
}
