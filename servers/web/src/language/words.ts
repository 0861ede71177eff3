// Texts of the page. Each room declares its own, in both languages at once: a missing one does not compile.
import { useAddress } from '../state/address'

export type Language = 'zh' | 'en'
/** A text as the server sends it. */
export type Text = { en: string; zh: string }
export type Dictionary<K extends string> = Record<Language, Record<K, string>>

/** Declare a room's texts; `{name}` stands for a value given when the text is used. */
export function defineWords<K extends string>(en: Record<K, string>, zh: Record<NoInfer<K>, string>): Dictionary<K> {
  return { en, zh }
}

/** Put values into a text. */
export function fill(text: string, values: Record<string, string | number> = {}): string {
  return text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in values ? String(values[name]) : whole))
}

export function useLanguage(): Language {
  return useAddress((address) => address.language)
}

/** `t('key', {values})` in the reader's language. */
export function useWords<K extends string>(dictionary: Dictionary<K>) {
  const language = useLanguage()
  return (key: K, values?: Record<string, string | number>) => fill(dictionary[language][key], values)
}

/** The reader's side of a text from the server; a plain string stays as it is. */
export function useText() {
  const language = useLanguage()
  return (text: Text | string | null | undefined) => (typeof text === 'string' ? text : (text?.[language] ?? ''))
}
