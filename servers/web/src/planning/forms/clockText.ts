// Clock times as people type them: "7", "730", "7:5", "７：３０" → "07:00", "07:30", "07:05", "07:30".

const LATEST_HOUR = 48

/** HH:MM, or the text itself where it is none (an ISO time, a mistake the server names). */
export function clockText(typed: string): string {
  const text = typed.normalize('NFKC').trim()
  const match = /^(\d{1,2})(?:[:.h时点](\d{1,2})?分?)?$/.exec(text) ?? /^(\d{1,2})(\d{2})$/.exec(text)
  if (!match) return text
  const [hours, minutes] = [Number(match[1]), Number(match[2] ?? 0)]
  if (hours > LATEST_HOUR || minutes > 59) return text
  return `${String(hours).padStart(2, '0')}:${String(minutes).padStart(2, '0')}`
}

/** Suggestions around the day, each half hour, those that begin as typed first. */
export function clockSuggestions(typed: string): string[] {
  const all = Array.from({ length: 48 }, (_, half) => `${String(Math.floor(half / 2)).padStart(2, '0')}:${half % 2 ? '30' : '00'}`)
  const text = typed.trim()
  const fitting = all.filter((one) => one.startsWith(text) || one.startsWith(`0${text}`))
  return text === '' || fitting.length === 0 ? all : fitting
}
