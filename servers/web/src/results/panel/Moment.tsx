import { useCityTime } from '../../server/cityTime'

/** A moment in the city's own time zone. */
export function Moment({ at }: { at: string | null }) {
  const { instant } = useCityTime()
  const isMoment = at !== null && !Number.isNaN(Date.parse(at))
  return isMoment ? <time dateTime={at}>{instant(at)}</time> : <>–</>
}
