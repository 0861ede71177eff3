// Lines over the clock: columns of one run, or one column of both sides.
import { formatClock, formatNumber, shownUnit, shownValue } from '../../language/quantities'
import type { Language } from '../../language/words'
import type { TableDocument } from '../../server/documents'
import type { Theme } from '../../state/address'
import { categoryColor } from '../scales/palette'
import { numberOf } from './changes'
import { CHART, chartAxis, chartBase } from './chartTheme'

export type Line = { name: string; points: [number, number | null][]; color?: string; dashed?: boolean }

/** A column of a table over its clock, in the unit it is shown in. */
export function linePoints(table: TableDocument, axis: string, column: string, unit: string): [number, number | null][] {
  const values = table.data[column] ?? []
  return (table.data[axis] ?? []).flatMap((time, row) => {
    const [at, value] = [numberOf(time), numberOf(values[row])]
    return at === null ? [] : [[at, value === null ? null : shownValue(value, unit)] as [number, number | null]]
  })
}

/** A round step of the clock (s) that gives about six ticks. */
export function clockStep(span: number): number {
  return [60, 300, 600, 900, 1800, 3600, 7200, 14_400].find((step) => span / step <= 7) ?? 21_600
}

/** The names of lines come from declarations of whoever wrote the scenario: no markup in a tooltip. */
export function escaped(text: string): string {
  return text.replace(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`)
}

export function linesOption(lines: Line[], unit: string, theme: Theme, language: Language) {
  const times = lines.flatMap((line) => line.points.map((point) => point[0]))
  const [from, to] = [Math.min(...times), Math.max(...times)]
  const shown = shownUnit(unit, language)
  const axis = chartAxis(theme)
  return {
    ...chartBase(theme),
    grid: { left: 8, right: 14, top: shown ? 26 : 12, bottom: 4, containLabel: true },
    xAxis: { ...axis, type: 'value', min: from, max: to, interval: clockStep(to - from), splitLine: { show: false }, axisLabel: { ...axis.axisLabel, formatter: (seconds: number) => formatClock(seconds) } },
    yAxis: { ...axis, type: 'value', name: shown, nameGap: 8, nameTextStyle: { ...axis.nameTextStyle, align: 'left' }, splitNumber: 4, axisLabel: { ...axis.axisLabel, formatter: (value: number) => formatNumber(value, language) } },
    tooltip: {
      ...chartBase(theme).tooltip, trigger: 'axis',
      formatter: (found: { seriesName: string; marker: string; value: [number, number | null] }[]) =>
        [formatClock(found[0].value[0]), ...found.map((one) => `${one.marker}${escaped(one.seriesName)} <b>${one.value[1] === null ? '–' : formatNumber(one.value[1], language)}</b> ${escaped(shown)}`)].join('<br>'),
    },
    series: lines.map((line, place) => ({
      type: 'line', name: line.name, data: line.points, showSymbol: false, connectNulls: false,
      lineStyle: { width: line.dashed ? 1.5 : 2, type: line.dashed ? 'dashed' : 'solid', color: line.color ?? categoryColor(place, theme) },
      itemStyle: { color: line.color ?? categoryColor(place, theme) },
    })),
  }
}

/** The colours of the two sides: the baseline grey and dashed. */
export function sideLine(side: 'baseline' | 'plan', name: string, points: Line['points'], theme: Theme): Line {
  return { name, points, color: side === 'baseline' ? CHART[theme].baseline : CHART[theme].accent, dashed: side === 'baseline' }
}
