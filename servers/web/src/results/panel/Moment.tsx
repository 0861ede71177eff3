import { useLanguage } from '../../language/words'
import { useCity } from '../../server/cityQueries'

/** A moment in the city's own time zone. */
export function Moment({ at }: { at: string | null }) {
  const language = useLanguage()
  const timeZone = useCity().data?.timezone
  const moment = at ? new Date(at) : null
  if (!moment || Number.isNaN(moment.getTime())) return <>–</>
  const text = new Intl.DateTimeFormat(language === 'zh' ? 'zh-CN' : 'en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone }).format(moment)
  return <time dateTime={at!}>{text}</time>
}
