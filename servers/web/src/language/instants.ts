// Moments as people read them, in the city's own time zone: every room asks here (server/cityTime.ts knows the zone).
import type { Language } from './words'

const LOCALE: Record<Language, string> = { zh: 'zh-CN', en: 'en-GB' }

function write(instant: Date | number, language: Language, timeZone: string | undefined, how: Intl.DateTimeFormatOptions): string {
  return new Intl.DateTimeFormat(LOCALE[language], { ...how, timeZone }).format(instant)
}

/** An ISO instant as date and clock; as it stands if it is no instant. */
export function formatInstant(iso: string | null | undefined, language: Language, timeZone?: string): string {
  if (!iso) return '–'
  const instant = new Date(iso)
  if (Number.isNaN(instant.getTime())) return iso
  return write(instant, language, timeZone, { dateStyle: 'medium', timeStyle: 'short' })
}

/** In a list: "14:07" today, "22 Nov, 14:07" this year, with the year otherwise. */
export function formatMoment(iso: string, language: Language, timeZone?: string, now = new Date()): string {
  const when = new Date(iso)
  if (Number.isNaN(when.getTime())) return iso
  const [day, today] = [when, now].map((one) => write(one, 'en', timeZone, { year: 'numeric', month: '2-digit', day: '2-digit' }))
  const sameYear = day.slice(-4) === today.slice(-4) // 22/11/2026
  return write(when, language, timeZone, {
    hour: '2-digit', minute: '2-digit', hourCycle: 'h23',
    ...(day === today ? {} : { day: 'numeric', month: 'short' }), ...(sameYear ? {} : { year: 'numeric' }),
  })
}

/** The clock alone: for what happened a moment ago. */
export function formatHour(ms: number, language: Language, timeZone?: string): string {
  return write(ms, language, timeZone, { timeStyle: 'medium' })
}
