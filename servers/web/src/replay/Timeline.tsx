// Under the map: play a result's vehicles through the day, over the curve of how many are under way.
import { Segmented } from 'antd'
import { useEffect } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { useAddress, type Address } from '../state/address'
import { useClock } from './clock'
import { Curves } from './Curves'
import { PlayButton, Slider, SpeedChoice } from './PlayControls'
import { usePlayback } from './playback'
import { words } from './replayWords'
import { State } from './State'
import './timeline.css'
import { useReplaySources, type ReplaySource } from './useReplaySources'
import { useShown } from './useShown'
import { useVehicles } from './useVehicles'

export default function Timeline() {
  const sources = useReplaySources()
  const t = useWords(words)
  if (sources === null) return null
  if (sources.every((source) => source.trajectories === null))
    return (
      <footer className="timeline timeline-empty" aria-label={t('timeline')}>
        {t('none')} {t('noneHint')}
      </footer>
    )
  return <Replay sources={sources} />
}

function Replay({ sources }: { sources: ReplaySource[] }) {
  const t = useWords(words)
  const { shown, choice } = useShown(sources)
  const retry = useVehicles(sources, shown)
  const failed = usePlayback((playback) => playback.failed)
  useRange(sources)
  useKeys()
  return (
    <footer className="timeline" aria-label={t('timeline')}>
      <PlayButton />
      <SpeedChoice />
      {choice !== null && <SideChoice value={choice} />}
      <div className="timeline-track">
        <Curves sources={sources} />
        <Slider />
      </div>
      <State shown={shown} />
      {failed !== null && <ProblemNotice problem={failed} retry={retry} />}
    </footer>
  )
}

function SideChoice({ value }: { value: Address['shown'] }) {
  const t = useWords(words)
  return (
    <Segmented
      size="small" aria-label={t('side')} value={value} onChange={(shown) => useAddress.getState().go({ shown })}
      options={(['baseline', 'plan', 'both'] as const).map((side) => ({ value: side as Address['shown'], label: t(side) }))}
    />
  )
}

/** The clock's range is that of the recorded frames; the address may name the moment, also when one goes back to it. */
function useRange(sources: ReplaySource[]): void {
  useEffect(() => {
    const recorded = sources.flatMap((source) => source.trajectories ?? [])
    const begin = Math.min(...recorded.map((one) => one.begin_s))
    const end = Math.max(...recorded.map((one) => one.begin_s + one.period_s * (one.frames - 1)))
    const { time, speed } = useAddress.getState()
    useClock.getState().setRange(begin, end, time)
    if (speed !== null) useClock.getState().setSpeed(speed)
    const back = () => {
      const { time: then } = useAddress.getState()
      if (then !== null) useClock.getState().seek(then)
    }
    window.addEventListener('popstate', back)
    return () => window.removeEventListener('popstate', back)
  }, [sources])
}

const TAKES_KEYS = 'input:not([type=range]), textarea, button, select, [role=combobox], [role=switch], [role=tab], [role=radio], [role=menuitem], a, summary'

/** Space plays and pauses unless something that takes keys has the focus. */
function useKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      if (event.key !== ' ' || event.defaultPrevented || (event.target as HTMLElement).closest(TAKES_KEYS)) return
      event.preventDefault()
      const { playing, play } = useClock.getState()
      play(!playing)
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
