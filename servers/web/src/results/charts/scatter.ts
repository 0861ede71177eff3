// The scatter plot of before against after, as a chart's option.
import { formatNumber } from '../../language/quantities'
import type { Language } from '../../language/words'
import type { Theme } from '../../state/address'
import { CLASSES, scatterRange, type Point } from './changes'
import { CHART, chartAxis, chartBase } from './chartTheme'
import { escaped } from './lines'

type Words = { baseline: string; plan: string; gained: string; lost: string; unchanged: string; unit: string }
/** Shapes as well as colours. */
export const SYMBOLS = { gained: 'circle', lost: 'triangle', unchanged: 'rect' } as const

/** Both axes alike; the diagonal is no change, the band beside it is what counts as unchanged. */
export function scatterOption(points: Record<(typeof CLASSES)[number], Point[]>, tolerance: number, words: Words, theme: Theme, language: Language) {
  const colors = CHART[theme]
  const [low, high] = scatterRange(CLASSES.flatMap((one) => points[one]))
  const axis = { ...chartAxis(theme), type: 'value', min: low, max: high, splitNumber: 4 }
  const label = { ...chartAxis(theme).axisLabel, formatter: (value: number) => formatNumber(value, language) }
  const along = (shift: number, dashed: boolean) => [
    { coord: [Math.max(low, low - shift), Math.max(low, low + shift)], symbol: 'none', lineStyle: { type: dashed ? 'dashed' : 'solid' } },
    { coord: [Math.min(high, high - shift), Math.min(high, high + shift)], symbol: 'none' },
  ]
  const lines = tolerance > 0 ? [along(0, false), along(tolerance, true), along(-tolerance, true)] : [along(0, false)]
  return {
    ...chartBase(theme),
    grid: { left: 8, right: 16, top: 26, bottom: 22, containLabel: true },
    xAxis: { ...axis, name: `${words.baseline} (${words.unit})`, nameLocation: 'middle', nameGap: 24, axisLabel: label },
    yAxis: { ...axis, name: `${words.plan} (${words.unit})`, nameGap: 8, nameTextStyle: { ...axis.nameTextStyle, align: 'left' }, axisLabel: label },
    tooltip: {
      ...chartBase(theme).tooltip, trigger: 'item',
      formatter: (found: { seriesName: string; value: Point }) =>
        `${escaped(found.seriesName)}<br>${formatNumber(found.value[0], language)} → <b>${formatNumber(found.value[1], language)}</b> ${escaped(words.unit)}`,
    },
    series: [
      ...(['unchanged', 'gained', 'lost'] as const).map((one) => ({
        type: 'scatter', name: words[one], data: points[one], symbol: SYMBOLS[one], symbolSize: 4.5, large: points[one].length > 2000, largeThreshold: 2000,
        itemStyle: { color: colors[one], opacity: one === 'unchanged' ? 0.45 : 0.6 },
      })),
      { type: 'scatter', data: [], silent: true, markLine: { silent: true, symbol: 'none', label: { show: false }, lineStyle: { color: colors.soft, width: 1 }, data: lines } },
    ],
  }
}
