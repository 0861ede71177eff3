// How much is under way at each moment, behind the slider: where the jam is can be seen before playing.
import { useQueries } from '@tanstack/react-query'
import { memo } from 'react'
import { formatClock } from '../language/quantities'
import { getJson } from '../server/client'
import { useAddress } from '../state/address'
import type { TableDocument } from '../server/documents'
import { useClock } from './clock'
import { chooseCurve, pathOf, pointsOf } from './curve'
import { SIDE_COLOURS } from './colours'
import type { ReplaySource } from './useReplaySources'

const WIDTH = 1000
const HEIGHT = 40

export const Curves = memo(function Curves({ sources }: { sources: ReplaySource[] }) {
  const theme = useAddress((address) => address.theme)
  const begin = useClock((clock) => clock.begin)
  const end = useClock((clock) => clock.end)
  const choice = chooseCurve(sources[0].declaration)
  const tables = useQueries({
    queries: sources.map((source) => ({
      queryKey: ['curve', source.run, choice?.table], enabled: choice !== null, staleTime: Infinity,
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        getJson<TableDocument>(`/api/runs/${source.run}/tables/${choice!.table}?columns=${choice!.time},${choice!.value}&limit=10000`, signal),
    })),
  })
  const curves = sources.map((source, place) => ({
    side: source.side, points: tables[place].data && choice ? pointsOf(tables[place].data, choice) : [],
  }))
  const most = Math.max(1, ...curves.flatMap((curve) => curve.points.map((point) => point.value)))
  return (
    <>
      <svg className="timeline-curve" viewBox={`0 0 ${WIDTH} ${HEIGHT}`} preserveAspectRatio="none" aria-hidden="true">
        {curves.map(({ side, points }) => (
          <g key={side} style={{ color: `rgb(${SIDE_COLOURS[theme][side].join(',')})` }}>
            <path d={pathOf(points, [begin, end], most, WIDTH, HEIGHT, true)} className="timeline-area" />
            <path d={pathOf(points, [begin, end], most, WIDTH, HEIGHT, false)} className="timeline-line" />
          </g>
        ))}
      </svg>
      <Ticks begin={begin} end={end} />
    </>
  )
})

function Ticks({ begin, end }: { begin: number; end: number }) {
  const every = end - begin > 4 * 3600 ? 3600 : end - begin > 3600 ? 1800 : 900
  const first = Math.ceil(begin / every) * every
  const times = Array.from({ length: Math.max(0, Math.floor((end - first) / every) + 1) }, (_, place) => first + place * every)
  return (
    <div className="timeline-ticks numbers" aria-hidden="true">
      {times.map((time) => (
        <span key={time} style={{ insetInlineStart: `${((time - begin) / (end - begin)) * 100}%` }}>{formatClock(time)}</span>
      ))}
    </div>
  )
}
