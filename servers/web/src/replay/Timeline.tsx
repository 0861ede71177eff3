// Under the map: play a result's vehicles through the day, over the curve of how many are under way.
import { CaretRightFilled, PauseOutlined } from '@ant-design/icons'
import { Button, Segmented, Select } from 'antd'
import { useEffect, useMemo, useState } from 'react'
import { formatClock, formatNumber } from '../language/quantities'
import { useLanguage, useWords } from '../language/words'
import { useLegend, type Legend } from '../map/mapStore'
import { useAddress } from '../state/address'
import { ProblemNotice } from '../app/ProblemNotice'
import { SPEEDS, useClock } from './clock'
import { SPEED_STOPS } from './colours'
import { Curves } from './Curves'
import { words } from './replayWords'
import './timeline.css'
import { SIDE_COLOURS, usePlayback, type Shown } from './usePlayback'
import { useReplaySources, type ReplaySource, type SideName } from './useReplaySources'

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
  const side = useAddress((address) => address.side)
  const [chosen, setChosen] = useState<Shown | null>(null)
  const shown = chosen ?? (side === 'baseline' && sources.length > 1 ? 'baseline' : 'plan')
  useRange(sources)
  useLegend('vehicles', useVehicleLegend(shown === 'both'))
  const playback = usePlayback(sources, shown)
  const language = useLanguage()
  const counts = Object.entries(playback.vehicles)
  useKeys()
  return (
    <footer className="timeline" aria-label={t('timeline')}>
      <PlayButton />
      <SpeedChoice />
      {sources.length > 1 && (
        <Segmented<Shown>
          size="small" aria-label={t('side')} value={shown} onChange={setChosen}
          options={(['baseline', 'plan', 'both'] as const).map((value) => ({ value, label: t(value) }))}
        />
      )}
      <div className="timeline-track">
        <Curves sources={sources} />
        <Slider />
      </div>
      <div className="timeline-state numbers" aria-live="off">
        <Now />
        <span className="timeline-count">
          {playback.loading ? t('loading') : counts.map(([name, count]) => (
            <span key={name} style={shown === 'both' ? { color: `rgb(${SIDE_COLOURS[name as SideName].join(',')})` } : undefined}>
              {t('vehicles', { n: formatNumber(count, language) })}{' '}
            </span>
          ))}
        </span>
      </div>
      {playback.failed !== null && <ProblemNotice problem={playback.failed} retry={playback.retry} />}
    </footer>
  )
}

/** The clock's range is that of the recorded frames; the address may name the moment to begin with. */
function useRange(sources: ReplaySource[]): void {
  useEffect(() => {
    const recorded = sources.flatMap((source) => source.trajectories ?? [])
    const begin = Math.min(...recorded.map((one) => one.begin_s))
    const end = Math.max(...recorded.map((one) => one.begin_s + one.period_s * (one.frames - 1)))
    useClock.getState().setRange(begin, end, useAddress.getState().time)
  }, [sources])
}

function useVehicleLegend(both: boolean): Legend | null {
  const t = useWords(words)
  const language = useLanguage()
  return useMemo((): Legend => {
    const rgb = (colour: [number, number, number]) => `rgb(${colour.join(',')})`
    if (both)
      return {
        title: t('side'), kind: 'categories',
        stops: (['baseline', 'plan'] as const).map((side) => ({ color: rgb(SIDE_COLOURS[side]), label: t(side) })),
      }
    return {
      title: t('legend'), unit: language === 'zh' ? '公里/时' : 'km/h', kind: 'ramp', note: t('note'),
      stops: SPEED_STOPS.map((stop) => ({ color: rgb(stop.rgb), value: stop.kmh })),
    }
    // the words follow from the language
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [both, language])
}

function PlayButton() {
  const playing = useClock((clock) => clock.playing)
  const t = useWords(words)
  const label = t(playing ? 'pause' : 'play')
  return (
    <Button
      type="primary" shape="circle" aria-label={label} title={label}
      icon={playing ? <PauseOutlined /> : <CaretRightFilled />} onClick={() => useClock.getState().play(!playing)}
    />
  )
}

function SpeedChoice() {
  const speed = useClock((clock) => clock.speed)
  const t = useWords(words)
  return (
    <Select
      size="small" className="timeline-speed numbers" aria-label={t('speed')} value={speed}
      onChange={(chosen) => useClock.getState().setSpeed(chosen)}
      options={SPEEDS.map((value) => ({ value, label: `${value}×`, title: t('faster', { n: value }) }))}
    />
  )
}

/** A native range input: keyboard and screen readers know it. */
function Slider() {
  const { time, begin, end, seek } = useClock()
  const t = useWords(words)
  return (
    <input
      className="timeline-slider" type="range" aria-label={t('time')} aria-valuetext={formatClock(time, true)}
      min={begin} max={end} step={5} value={time} onChange={(event) => seek(Number(event.target.value))}
    />
  )
}

function Now() {
  const time = useClock((clock) => Math.floor(clock.time))
  return <output className="timeline-now">{formatClock(time, true)}</output>
}

/** Space plays and pauses unless something that takes keys has the focus. */
function useKeys(): void {
  useEffect(() => {
    const pressed = (event: KeyboardEvent) => {
      const target = event.target as HTMLElement
      if (event.key !== ' ' || target.closest('input:not([type=range]), textarea, button, select, [role=combobox], [role=switch], [role=tab], a, summary')) return
      event.preventDefault()
      const { playing, play } = useClock.getState()
      play(!playing)
    }
    window.addEventListener('keydown', pressed)
    return () => window.removeEventListener('keydown', pressed)
  }, [])
}
