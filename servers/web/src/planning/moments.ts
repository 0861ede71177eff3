// Instants as people read them, in local time.
import type { Language } from '../language/words'

const LOCALES: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' }

/** "14:07" today, "22 Nov, 14:07" this year, with the year otherwise. */
export function moment(instant: string, language: Language, now = new Date()): string {
  const when = new Date(instant)
  if (Number.isNaN(when.getTime())) return instant
  const sameYear = when.getFullYear() === now.getFullYear()
  const isToday = when.toDateString() === now.toDateString()
  return new Intl.DateTimeFormat(LOCALES[language], {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    ...(isToday ? {} : { day: 'numeric', month: 'short' }), ...(sameYear ? {} : { year: 'numeric' }),
  }).format(when)
}
