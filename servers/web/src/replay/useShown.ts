// Whose vehicles are on which map, and what their colours mean.
import { useMemo } from 'react'
import { useLanguage, useWords } from '../language/words'
import { shownUnit } from '../language/quantities'
import { useLegend, type Legend } from '../map/mapStore'
import { useAddress, type Address } from '../state/address'
import { SIDE_COLOURS, SPEED_STOPS, type Rgb } from './colours'
import { words } from './replayWords'
import type { ReplaySource, SideName } from './useReplaySources'
import type { Shown } from './useVehicles'

export type ShownVehicles = {
  shown: Shown[]
  /** What the reader has chosen; null where there is nothing to choose. */
  choice: Address['shown'] | null
}

/** Decides it from the address; puts the legend on the map. */
export function useShown(sources: ReplaySource[]): ShownVehicles {
  const side = useAddress((address) => address.side)
  const asked = useAddress((address) => address.shown)
  const theme = useAddress((address) => address.theme)
  const decided = useMemo(() => decide(sources.length > 1, side, asked, SIDE_COLOURS[theme]), [sources, side, asked, theme])
  useLegend('vehicles', useVehicleLegend(decided.shown))
  return decided
}

/** Two maps show a side each. One map shows one of them or both, in the sides' own colours above a difference. */
export function decide(
  comparing: boolean, side: Address['side'], asked: Address['shown'], colours: Record<SideName, Rgb>,
): ShownVehicles {
  if (!comparing) return { shown: [{ side: 'plan', on: 'main', colour: null }], choice: null }
  if (side === 'swipe' || side === 'beside')
    return { shown: [{ side: 'baseline', on: 'linked', colour: null }, { side: 'plan', on: 'main', colour: null }], choice: null }
  const choice = asked || (side === 'baseline' ? 'baseline' : 'plan')
  const sides: SideName[] = choice === 'both' ? ['baseline', 'plan'] : [choice]
  const plain = choice === 'both' || side === 'difference'
  return { shown: sides.map((one) => ({ side: one, on: 'main', colour: plain ? colours[one] : null })), choice }
}

function useVehicleLegend(shown: Shown[]): Legend {
  const t = useWords(words)
  const language = useLanguage()
  return useMemo((): Legend => {
    const rgb = (colour: Rgb) => `rgb(${colour.join(',')})`
    if (shown.some((one) => one.colour !== null))
      return {
        title: t('sideLegend'), kind: 'categories', note: t('note'),
        stops: shown.map((one) => ({ color: rgb(one.colour!), label: t(one.side) })),
      }
    return {
      title: t('legend'), unit: shownUnit('m/s', language), kind: 'ramp', note: t('note'),
      stops: SPEED_STOPS.map((stop) => ({ color: rgb(stop.rgb), value: stop.kmh })),
    }
    // the words follow from the language
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [shown, language])
}
