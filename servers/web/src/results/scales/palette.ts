// Colours of data: perceptual, safe for the colour-blind, strong against the ground of either theme.
import type { Theme } from '../../state/address'

export type Color = string
type Rgb = [number, number, number]

/** Viridis (S. van der Walt, N. Smith, 2015) at nine even places. */
const VIRIDIS: Color[] = ['#440154', '#472d7b', '#3b528b', '#2c728e', '#21918c', '#28ae80', '#5ec962', '#addc30', '#fde725']

/**
 * Okabe and Ito's eight colours ("Color Universal Design", 2008) without black; pale ones are darkened for the light
 * ground so that a thin line stays visible.
 */
const CATEGORIES: Record<Theme, Color[]> = {
  light: ['#0072b2', '#c2570c', '#00795a', '#a8558a', '#9a7400', '#2f8fc4', '#6b4fa0', '#5d5d5d'],
  dark: ['#56b4e9', '#e69f00', '#2bc298', '#d98bbd', '#f0e442', '#6f9ff0', '#b79ce8', '#bfbfbf'],
}

/** Ends and steps of the diverging pair: blue is better, orange is worse. */
export const DIVERGING: Record<Theme, { blue: [Color, Color]; orange: [Color, Color]; middle: Color }> = {
  light: { blue: ['#12528f', '#6aa8d8'], orange: ['#a83f00', '#ee9c4f'], middle: '#c9cdd1' },
  dark: { blue: ['#7cc4ff', '#2f6ea6'], orange: ['#ffb055', '#a8590f'], middle: '#4b5863' },
}

/** Rows without a value, and rows whose difference is not clear. */
export const QUIET: Record<Theme, { none: Color; unclear: Color; casing: Color }> = {
  light: { none: '#9aa3ab', unclear: '#8b959e', casing: '#ffffff' },
  dark: { none: '#5c6872', unclear: '#7a8791', casing: '#0b1014' },
}

function rgb(color: Color): Rgb {
  const number = Number.parseInt(color.slice(1), 16)
  return [(number >> 16) & 255, (number >> 8) & 255, number & 255]
}

/** The colour at `share` (0 to 1) of the way between two. */
export function mix(from: Color, to: Color, share: number): Color {
  const [a, b] = [rgb(from), rgb(to)]
  const parts = a.map((part, place) => Math.round(part + (b[place] - part) * share))
  return `#${parts.map((part) => part.toString(16).padStart(2, '0')).join('')}`
}

function along(colors: Color[], place: number): Color {
  const scaled = Math.min(Math.max(place, 0), 1) * (colors.length - 1)
  const low = Math.min(Math.floor(scaled), colors.length - 2)
  return mix(colors[low], colors[low + 1], scaled - low)
}

/**
 * `count` viridis colours from little to much. Much always stands out from the ground: dark on the light theme, bright
 * on the dark one; the end that would sink into the ground is left out.
 */
export function viridis(count: number, theme: Theme): Color[] {
  const [little, much] = theme === 'light' ? [0.86, 0] : [0.22, 1]
  const shares = Array.from({ length: count }, (_, step) => (count === 1 ? 1 : step / (count - 1)))
  return shares.map((share) => along(VIRIDIS, little + (much - little) * share))
}

/** Colours for categories; beyond eight they repeat, and shape and word tell them apart. */
export function categoryColor(place: number, theme: Theme): Color {
  return CATEGORIES[theme][place % CATEGORIES[theme].length]
}
