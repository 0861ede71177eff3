// Moments in the reader's language and the city's time zone.
import { useMemo } from 'react'
import { formatHour, formatInstant, formatMoment } from '../language/instants'
import { useLanguage } from '../language/words'
import { useCity } from './cityQueries'

/** `instant` with its date, `moment` as short as it can be understood, `hour` the clock alone. */
export function useCityTime() {
  const language = useLanguage()
  const zone = useCity().data?.timezone
  return useMemo(
    () => ({
      instant: (iso: string | null | undefined) => formatInstant(iso, language, zone),
      moment: (iso: string) => formatMoment(iso, language, zone),
      hour: (ms: number) => formatHour(ms, language, zone),
    }),
    [language, zone],
  )
}
