// The legend of a scale, in the words of the map room's legend box.
import type { Legend } from '../../map/mapStore'
import { differenceUnit, formatNumber, shownUnit, shownValue } from '../../language/quantities'
import { fill, type Language, type Text } from '../../language/words'
import type { Better } from '../../server/documents'
import type { Theme } from '../../state/address'
import { endsOf, verdictWords } from '../verdicts'
import { words } from '../words'
import { QUIET } from './palette'
import { glyphOf } from './shapes'
import type { NumberStop, Scale } from './scale'

type Word = keyof (typeof words)['en']

/** A text of this room in both languages. */
export function both(key: Word, values?: Record<string, string | number>): Text {
  return { en: fill(words.en[key], values), zh: fill(words.zh[key], values) }
}

/** `both` with a text among its values. */
export function bothWith(key: Word, values: Record<string, Text | string>): Text {
  const side = (language: 'en' | 'zh') =>
    fill(words[language][key], Object.fromEntries(Object.entries(values).map(([name, value]) => [name, typeof value === 'string' ? value : value[language]])))
  return { en: side('en'), zh: side('zh') }
}

function marked(place: number, label: Text | string): Text | string {
  const mark = glyphOf(place)
  return typeof label === 'string' ? `${mark} ${label}` : { en: `${mark} ${label.en}`, zh: `${mark} ${label.zh}` }
}

function truth(value: string | boolean): Text | string {
  return typeof value === 'boolean' ? both(value ? 'yes' : 'no') : value
}

/** A diverging scale at even steps: the legend's bar is even. */
function evenStops(scale: Extract<Scale, { kind: 'diverging' }>): NumberStop[] {
  const { reach, stops } = scale
  return stops.filter(({ value }) => value === 0 || Math.abs(value) >= reach / 2)
}

/** Each step says from where to where it goes. */
function stepStops(stops: NumberStop[], unit: string, language: Language): Legend['stops'] {
  const show = (value: number) => formatNumber(shownValue(value, unit), language)
  return stops.map(({ color, value }, place) => {
    const next = stops[place + 1]
    const label = next === undefined ? `≥ ${show(value)}` : place === 0 ? `< ${show(next.value)}` : `${show(value)} – ${show(next.value)}`
    return { color, value: shownValue(value, unit), label }
  })
}

/** Values and unit as they are shown to this reader; `marks` puts each category's mark before its word. */
export function legendOf(scale: Scale, title: Text | string, unit: string, theme: Theme, language: Language, note?: Text, marks = false): Legend {
  if (scale.kind === 'categories') {
    const stops: Legend['stops'] = scale.entries.map(({ value, color }, place) => ({ color, label: marks ? marked(place, truth(value)) : truth(value) }))
    return { title, kind: 'categories', stops: [...stops, { color: QUIET[theme].none, label: both('other') }], note }
  }
  if (scale.kind === 'steps') return { title, unit: shownUnit(unit, language), kind: 'steps', stops: stepStops(scale.stops, unit, language), note }
  const stops = (scale.kind === 'diverging' ? evenStops(scale) : scale.stops).map(({ color, value }) => ({ color, value: shownValue(value, unit) }))
  return { title, unit: scale.kind === 'diverging' ? differenceUnit(unit, language) : shownUnit(unit, language), kind: 'ramp', stops, note }
}

/** Says in words what either end means, and what is grey: colour is never alone. */
export function differenceNote(better: Better, stochastic: boolean): Text {
  const { less, more } = endsOf(better)
  const side = (language: 'en' | 'zh') => {
    const said = verdictWords[language]
    const grey = words[language][stochastic ? 'unclear' : 'noDifference']
    return language === 'zh' ? `← ${said[less]} · ${said[more]} → · 灰色：${grey}` : `← ${said[less]} · ${said[more]} → · grey: ${grey}`
  }
  return { en: side('en'), zh: side('zh') }
}
