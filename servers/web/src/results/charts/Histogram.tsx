// Bars over a range of values; plain SVG, so that it prints and reads well.
import { formatNumber } from '../../language/quantities'
import { useLanguage } from '../../language/words'
import type { Bin } from './changes'

type Props = { bins: Bin[]; unit: string; label: string; sign?: boolean; /** The outer bins also hold what lies beyond them. */ clipped?: boolean; classOf?: (bin: Bin) => string }
const [WIDTH, HEIGHT, FOOT] = [360, 120, 18]

export function Histogram({ bins, unit, label, sign = false, clipped = false, classOf }: Props) {
  const language = useLanguage()
  if (bins.length === 0) return null
  const most = Math.max(...bins.map((bin) => bin.count), 1)
  const wide = WIDTH / bins.length
  const [low, high] = [bins[0].from, bins[bins.length - 1].to]
  const ticks = low < 0 && high > 0 ? [low, low / 2, 0, high / 2, high] : [low, (low + high) / 2, high]
  const show = (value: number) => formatNumber(value, language, sign)
  return (
    <svg className="histogram" viewBox={`0 0 ${WIDTH} ${HEIGHT + FOOT}`} role="img" aria-label={label}>
      {bins.map((bin, place) => (
        <rect key={bin.from} className={classOf?.(bin) ?? 'bar'} x={place * wide + 0.5} width={Math.max(wide - 1, 0.5)} y={HEIGHT - (HEIGHT * bin.count) / most} height={(HEIGHT * bin.count) / most}>
          <title>{`${show(bin.from)} … ${show(bin.to)} ${unit}: ${formatNumber(bin.count, language)}`}</title>
        </rect>
      ))}
      <line x1={0} x2={WIDTH} y1={HEIGHT} y2={HEIGHT} className="axis" />
      {ticks.map((tick, place) => (
        <text key={tick} x={((tick - low) / (high - low)) * WIDTH} y={HEIGHT + 14} textAnchor={place === 0 ? 'start' : place === ticks.length - 1 ? 'end' : 'middle'}>
          {clipped && place === 0 ? '≤ ' : ''}{clipped && place === ticks.length - 1 ? '≥ ' : ''}{show(tick)}{place === ticks.length - 1 ? ` ${unit}` : ''}
        </text>
      ))}
    </svg>
  )
}
