// Colours of charts in either theme; text and lines as the page's own.
import type { Theme } from '../../state/address'

export const CHART: Record<Theme, { ink: string; soft: string; line: string; surface: string; accent: string; gained: string; lost: string; unchanged: string; baseline: string }> = {
  light: { ink: '#1b2733', soft: '#51606e', line: '#d9dee3', surface: '#ffffff', accent: '#1d6fa5', gained: '#12528f', lost: '#b24a00', unchanged: '#8b959e', baseline: '#6c7883' },
  dark: { ink: '#e6ebf0', soft: '#a3b0bc', line: '#2c3843', surface: '#18212a', accent: '#5aa9e6', gained: '#7cc4ff', lost: '#ffb055', unchanged: '#7a8791', baseline: '#a3b0bc' },
}

const FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", sans-serif'

/** What every chart shares. */
export function chartBase(theme: Theme) {
  const { ink, surface, line } = CHART[theme]
  return {
    animation: false, backgroundColor: 'transparent', textStyle: { fontFamily: FONT, color: ink },
    tooltip: { backgroundColor: surface, borderColor: line, textStyle: { color: ink, fontSize: 12 }, confine: true },
  }
}

export function chartAxis(theme: Theme) {
  const { soft, line } = CHART[theme]
  return {
    axisLine: { lineStyle: { color: line } }, axisTick: { lineStyle: { color: line } }, axisLabel: { color: soft, fontSize: 11, hideOverlap: true },
    splitLine: { lineStyle: { color: line, opacity: 0.6 } }, nameTextStyle: { color: soft, fontSize: 11 },
  }
}
