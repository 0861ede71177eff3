// The address bar holds the whole state: a link shows a colleague the same thing.
import { create } from 'zustand'
import type { Language } from '../language/words'
import { TERRAIN_BY_DEFAULT } from './graphics'

export type View = { longitude: number; latitude: number; zoom: number; bearing: number; pitch: number }
export type Theme = 'light' | 'dark'
/** How a comparison is laid on the map. */
export type Side = 'difference' | 'baseline' | 'plan' | 'swipe' | 'beside'
/** Whose vehicles a replay shows; empty: as the side of the map says. */
export type Shown = 'baseline' | 'plan' | 'both' | ''

export type Address = {
  view: View | null
  /** What the context panel shows: feature, plans, plan, scene, jobs, run, comparison, quality, layers; empty: nothing. */
  panel: string
  /** Scenario slug whose analyses are shown. */
  scene: string
  /** Analysis chosen in the scene; empty: its first. */
  analysis: string
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
  /** Replay: whose vehicles. */
  shown: Shown
  /** Replay: how many times faster than the clock; null: the usual. */
  speed: number | null
  /** Swipe: the divider's place, 0 (left) to 1 (right); null: the middle. */
  swipe: number | null
  /** Curves chosen in a comparison: `table:column`, parted by commas; empty: the first of each table. */
  curve: string
  /** What the city knew then: a version number or ISO time; empty: now. */
  at: string
  terrain: boolean
  language: Language
  theme: Theme
}

const KEYS: Record<keyof Address, string> = {
  view: 'v', panel: 'panel', scene: 'scene', analysis: 'analysis', plan: 'plan', run: 'run', comparison: 'compare',
  layer: 'layer', column: 'column', side: 'side', selected: 'select', hidden: 'hide', time: 't', shown: 'who', speed: 'speed',
  swipe: 'swipe', curve: 'curve', at: 'at', terrain: 'terrain', language: 'lang', theme: 'theme',
}
const SIDES: Side[] = ['difference', 'baseline', 'plan', 'swipe', 'beside']
const SHOWN: Shown[] = ['baseline', 'plan', 'both']
const SPEEDS = { slowest: 0.1, fastest: 10_000 }

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

/** A number between two others; anything else counts as not given. */
function readNumber(text: string, least: number, most: number): number | null {
  const number = Number(text)
  return text !== '' && number >= least && number <= most ? number : null
}

/** Read the state from an address's query. */
export function readAddress(query: string): Address {
  const given = new URLSearchParams(query)
  const text = (key: keyof Address) => given.get(KEYS[key]) ?? ''
  const language = text('language')
  const theme = text('theme')
  return {
    view: readView(given.get(KEYS.view)),
    panel: text('panel'), scene: text('scene'), analysis: text('analysis'), plan: text('plan'), run: text('run'),
    comparison: text('comparison'), layer: text('layer'), column: text('column'),
    side: SIDES.find((side) => side === text('side')) ?? 'difference',
    selected: text('selected'),
    hidden: text('hidden') ? text('hidden').split(',') : [],
    time: readNumber(text('time'), -Number.MAX_VALUE, Number.MAX_VALUE),
    shown: SHOWN.find((shown) => shown === text('shown')) ?? '',
    speed: readNumber(text('speed'), SPEEDS.slowest, SPEEDS.fastest), swipe: readNumber(text('swipe'), 0, 1), curve: text('curve'),
    at: text('at'),
    terrain: text('terrain') === '' ? TERRAIN_BY_DEFAULT : text('terrain') !== '0',
    language: language === 'zh' || language === 'en' ? language : preferredLanguage(),
    theme: theme === 'dark' || theme === 'light' ? theme : preferredTheme(),
  }
}

/**
 * The query of a state. What is as by default is left out, except what another machine would decide otherwise:
 * terrain, language and theme always stand in it.
 */
export function writeAddress(state: Address): string {
  const query = new URLSearchParams()
  const { view } = state
  if (view) {
    const digits = [5, 5, 2, 1, 1]
    const parts = [view.longitude, view.latitude, view.zoom, view.bearing, view.pitch]
    query.set(KEYS.view, parts.map((part, place) => Number(part.toFixed(digits[place]))).join(','))
  }
  for (const key of ['panel', 'scene', 'analysis', 'plan', 'run', 'comparison', 'layer', 'column', 'selected', 'shown', 'curve', 'at'] as const)
    if (state[key]) query.set(KEYS[key], state[key])
  if (state.side !== 'difference') query.set(KEYS.side, state.side)
  if (state.hidden.length) query.set(KEYS.hidden, state.hidden.join(','))
  if (state.time !== null) query.set(KEYS.time, String(Math.round(state.time)))
  if (state.speed !== null) query.set(KEYS.speed, String(state.speed))
  if (state.swipe !== null) query.set(KEYS.swipe, String(Number(state.swipe.toFixed(3))))
  query.set(KEYS.terrain, state.terrain ? '1' : '0')
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
