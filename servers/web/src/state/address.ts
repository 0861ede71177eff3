// The address bar holds the whole state: a link shows a colleague the same thing.
import { create } from 'zustand'
import type { Language } from '../language/words'
import { TERRAIN_BY_DEFAULT } from './graphics'

export type View = { longitude: number; latitude: number; zoom: number; bearing: number; pitch: number }
export type Theme = 'light' | 'dark'
/** How a comparison is laid on the map. */
export type Side = 'difference' | 'baseline' | 'plan' | 'swipe' | 'beside'

export type Address = {
  view: View | null
  /** What the context panel shows: feature, plans, plan, scene, jobs, run, comparison, quality, layers; empty: nothing. */
  panel: string
  /** Scenario slug whose analyses are shown. */
  scene: string
  /** Name of the plan that is open. */
  plan: string
  run: string
  comparison: string
  /** Result layer and column on the map; empty: the declared one. */
  layer: string
  column: string
  side: Side
  /** `collection:id` of the selected feature. */
  selected: string
  /** Base layers switched off. */
  hidden: string[]
  /** Replay: seconds after local midnight. */
  time: number | null
  /** What the city knew then: a version number or ISO time; empty: now. */
  at: string
  terrain: boolean
  language: Language
  theme: Theme
}

const KEYS: Record<keyof Address, string> = {
  view: 'v', panel: 'panel', scene: 'scene', plan: 'plan', run: 'run', comparison: 'compare', layer: 'layer',
  column: 'column', side: 'side', selected: 'select', hidden: 'hide', time: 't', at: 'at', terrain: 'terrain',
  language: 'lang', theme: 'theme',
}
const SIDES: Side[] = ['difference', 'baseline', 'plan', 'swipe', 'beside']

function remembered(name: string): string | null {
  try {
    return localStorage.getItem(`cim.${name}`)
  } catch {
    return null // storage is switched off: the choice lasts as long as the page
  }
}

function remember(name: string, value: string): void {
  try {
    localStorage.setItem(`cim.${name}`, value)
  } catch {
    // as above
  }
}

function preferredLanguage(): Language {
  const asked = remembered('language') ?? globalThis.navigator?.language ?? 'zh'
  return asked.startsWith('zh') ? 'zh' : 'en'
}

function preferredTheme(): Theme {
  const asked = remembered('theme')
  if (asked === 'dark' || asked === 'light') return asked
  return globalThis.matchMedia?.('(prefers-color-scheme: dark)').matches ? 'dark' : 'light'
}

/** Numbers in a link from elsewhere may be anything: out of range counts as not given. */
function readView(text: string | null): View | null {
  const numbers = (text ?? '').split(',').map(Number)
  if (numbers.length !== 5 || !numbers.every(Number.isFinite)) return null
  const [longitude, latitude, zoom, bearing, pitch] = numbers
  if (Math.abs(longitude) > 180 || Math.abs(latitude) > 85 || zoom < 0 || zoom > 24 || pitch < 0 || pitch > 85) return null
  return { longitude, latitude, zoom, bearing, pitch }
}

/** Read the state from an address's query. */
export function readAddress(query: string): Address {
  const given = new URLSearchParams(query)
  const text = (key: keyof Address) => given.get(KEYS[key]) ?? ''
  const language = text('language')
  const theme = text('theme')
  const time = Number(text('time'))
  return {
    view: readView(given.get(KEYS.view)),
    panel: text('panel'), scene: text('scene'), plan: text('plan'), run: text('run'),
    comparison: text('comparison'), layer: text('layer'), column: text('column'),
    side: SIDES.find((side) => side === text('side')) ?? 'difference',
    selected: text('selected'),
    hidden: text('hidden') ? text('hidden').split(',') : [],
    time: text('time') !== '' && Number.isFinite(time) ? time : null,
    at: text('at'),
    terrain: text('terrain') === '' ? TERRAIN_BY_DEFAULT : text('terrain') !== '0',
    language: language === 'zh' || language === 'en' ? language : preferredLanguage(),
    theme: theme === 'dark' || theme === 'light' ? theme : preferredTheme(),
  }
}

/** The query of a state; what is as by default is left out. */
export function writeAddress(state: Address): string {
  const query = new URLSearchParams()
  const { view } = state
  if (view) {
    const digits = [5, 5, 2, 1, 1]
    const parts = [view.longitude, view.latitude, view.zoom, view.bearing, view.pitch]
    query.set(KEYS.view, parts.map((part, place) => Number(part.toFixed(digits[place]))).join(','))
  }
  for (const key of ['panel', 'scene', 'plan', 'run', 'comparison', 'layer', 'column', 'selected', 'at'] as const)
    if (state[key]) query.set(KEYS[key], state[key])
  if (state.side !== 'difference') query.set(KEYS.side, state.side)
  if (state.hidden.length) query.set(KEYS.hidden, state.hidden.join(','))
  if (state.time !== null) query.set(KEYS.time, String(Math.round(state.time)))
  if (state.terrain !== TERRAIN_BY_DEFAULT) query.set(KEYS.terrain, state.terrain ? '1' : '0')
  query.set(KEYS.language, state.language)
  query.set(KEYS.theme, state.theme)
  return query.toString().replaceAll('%2C', ',').replaceAll('%3A', ':')
}

type Store = Address & {
  /** Change the state; with `push`, the back button leads to where it was. */
  go: (change: Partial<Address>, push?: boolean) => void
}

export const useAddress = create<Store>((set, get) => ({
  ...readAddress(globalThis.location?.search ?? ''),
  go: (change, push = false) => {
    set(change)
    if (change.language) remember('language', change.language)
    if (change.theme) remember('theme', change.theme)
    if (push) history.pushState(null, '', `?${writeAddress(get())}`)
    else later()
  },
}))

let pending = 0
/** Browsers refuse too many address changes a second: panning writes at most five. */
function later(): void {
  clearTimeout(pending)
  pending = window.setTimeout(() => history.replaceState(null, '', `?${writeAddress(useAddress.getState())}`), 200)
}

globalThis.addEventListener?.('popstate', () => useAddress.setState(readAddress(location.search)))
