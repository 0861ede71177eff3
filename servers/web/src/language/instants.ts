// Moments as people read them, in the city's own time zone.
import type { Language } from './words'

const LOCALE: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' }

/** An ISO instant as date and clock; as it stands if it is no instant. */
export function formatInstant(iso: string | null | undefined, language: Language, timeZone?: string): string {
  if (!iso) return '–'
  const instant = new Date(iso)
  if (Number.isNaN(instant.getTime())) return iso
  return new Intl.DateTimeFormat(LOCALE[language], { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(instant)
}

/** The clock alone: for what happened a moment ago. */
export function formatHour(ms: number, language: Language): string {
  return new Intl.DateTimeFormat(LOCALE[language], { timeStyle: 'medium' }).format(ms)
}
