// What each side of a comparison puts on the map: style, legend and tooltip of one compared column.
import { bothWith, both, differenceNote, legendOf } from '../scales/legendOf'
import type { Drawn } from '../scales/resultStyle'
import { amountScale, differenceScale, joined } from '../scales/scale'
import type { Legend } from '../../map/mapStore'
import type { ColumnDeclaration, ComparedLayer } from '../../server/documents'
import type { Language } from '../../language/words'
import type { Side, Theme } from '../../state/address'
import type { TooltipLine } from './ResultTooltip'

export type Part = 'difference' | 'baseline' | 'plan'
export type Shown = { id: string; layer: ComparedLayer; name: string; geometry: string; column: string; declared: ColumnDeclaration; stochastic: boolean }

/** Which part the page's own map shows, and which one the second map. */
export function partsOf(side: Side): { main: Part; second: Part | null } {
  if (side === 'swipe' || side === 'beside') return { main: 'plan', second: 'baseline' }
  return { main: side, second: null }
}

/** What is drawn of one part, and its legend. Both sides share one scale: a colour means the same on either map. */
export function partOnMap(
  key: string, part: Part, shown: Shown, theme: Theme, language: Language, collection: string | null,
): { drawn: Drawn; legend: Legend } | null {
  const { layer, column, declared } = shown
  const statistics = layer.columns_stats
  const sides = joined([statistics[`${column}_baseline`], statistics[`${column}_plan`]])
  const difference = joined([statistics[`${column}_difference`]])
  const known = part === 'difference' ? difference : sides
  if (!known) return null
  const scale = part === 'difference' ? differenceScale(known, declared.better, theme) : amountScale(known, theme)
  const drawn = {
    key, tilejson: layer.tilejson, sourceLayer: shown.name, geometry: shown.geometry, column: `${column}_${part}`,
    clear: part === 'difference' ? `${column}_clear` : undefined, scale, theme, collection,
  }
  const title = part === 'difference' ? bothWith('differenceOf', { column: declared.title }) : bothWith('under', { column: declared.title, side: both(part) })
  return { drawn, legend: legendOf(scale, title, declared.unit, theme, language, part === 'difference' ? differenceNote(declared.better, shown.stochastic) : undefined) }
}

/** The tooltip says all three, whichever the map shows. */
export function comparedLines(column: string, declared: ColumnDeclaration): TooltipLine[] {
  const { unit } = declared
  return [
    { property: `${column}_baseline`, title: both('baseline'), unit },
    { property: `${column}_plan`, title: both('plan'), unit },
    { property: `${column}_difference`, title: both('difference'), unit, sign: true, interval: [`${column}_low`, `${column}_high`], clear: `${column}_clear` },
  ]
}
