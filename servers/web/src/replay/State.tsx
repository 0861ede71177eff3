// What moment is shown, and how many vehicles are under way in it.
import { formatClock, formatNumber } from '../language/quantities'
import { useLanguage, useWords } from '../language/words'
import { useClock } from './clock'
import { usePlayback } from './playback'
import { words } from './replayWords'
import type { Shown } from './useVehicles'

export function State({ shown }: { shown: Shown[] }) {
  return (
    <div className="timeline-state numbers">
      <Now />
      <Counts shown={shown} />
    </div>
  )
}

function Now() {
  const time = useClock((clock) => Math.floor(clock.time))
  return <time className="timeline-now">{formatClock(time, true)}</time>
}

function Counts({ shown }: { shown: Shown[] }) {
  const { vehicles, loading } = usePlayback()
  const language = useLanguage()
  const t = useWords(words)
  if (loading) return <span className="timeline-count">{t('loading')}</span>
  const count = (side: Shown['side']) => t('vehicles', { n: formatNumber(vehicles[side] ?? 0, language) })
  return (
    <span className="timeline-count">
      {shown.map(({ side }) => (
        <span key={side}>{shown.length > 1 ? `${t(side)} ${count(side)}` : count(side)} </span>
      ))}
    </span>
  )
}
