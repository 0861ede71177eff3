// Play, speed, and the slider of the day.
import { CaretRightFilled, PauseOutlined } from '@ant-design/icons'
import { Button, Select } from 'antd'
import { formatClock } from '../language/quantities'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { SPEEDS, useClock } from './clock'
import { words } from './replayWords'

export function PlayButton() {
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

export function SpeedChoice() {
  const speed = useClock((clock) => clock.speed)
  const t = useWords(words)
  const choose = (chosen: number) => {
    useClock.getState().setSpeed(chosen)
    useAddress.getState().go({ speed: chosen })
  }
  return (
    <Select
      size="small" className="timeline-speed numbers" aria-label={t('speed')} value={speed} onChange={choose}
      options={SPEEDS.map((value) => ({ value, label: `${value}×`, title: t('faster', { n: value }) }))}
    />
  )
}

const STEP_S = 5
const PARTS = 200

/** A native range input: keyboard and screen readers know it. It moves in steps that the eye can tell apart. */
export function Slider() {
  const begin = useClock((clock) => clock.begin)
  const end = useClock((clock) => clock.end)
  const step = Math.max(STEP_S, Math.round((end - begin) / PARTS / STEP_S) * STEP_S)
  const time = useClock((clock) => (clock.playing ? begin + Math.round((clock.time - begin) / step) * step : clock.time))
  const t = useWords(words)
  return (
    <input
      className="timeline-slider" type="range" aria-label={t('time')} aria-valuetext={formatClock(time, true)}
      min={begin} max={end} step={STEP_S} value={time} onChange={(event) => useClock.getState().seek(Number(event.target.value))}
    />
  )
}
