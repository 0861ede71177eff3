// What a difference means, in words: better, worse, changed, or no clear difference.
import type { Better } from '../server/documents'
import { defineWords } from '../language/words'

export type Meaning = 'gain' | 'loss' | 'change' | 'unclear' | 'unknown'
const MEANINGS: Record<string, Meaning> = {
  'gain': 'gain', 'loss': 'loss', 'change': 'change', 'no clear difference': 'unclear', 'too few pairs': 'unknown',
}
/** A mark beside the word, so that colour is never alone. */
export const MARKS: Record<Meaning, string> = { gain: '▲', loss: '▼', change: '◆', unclear: '○', unknown: '–' }

export const verdictWords = defineWords(
  {
    gain: 'better', loss: 'worse', change: 'changed', unclear: 'no clear difference', unknown: 'too few values to tell',
    lower: 'lower is better', higher: 'higher is better', neither: '',
    rose: 'more', fell: 'less',
  },
  {
    gain: '改善', loss: '变差', change: '有变化', unclear: '无明显差异', unknown: '样本不足，无法判断',
    lower: '越低越好', higher: '越高越好', neither: '',
    rose: '增加', fell: '减少',
  },
)

/** A verdict as the server writes it. */
export function meaningOf(verdict: string): Meaning {
  return MEANINGS[verdict] ?? 'unknown'
}

/** What a clear difference of this sign means. */
export function meaningOfSign(difference: number, better: Better): Meaning {
  if (better === 'neither') return 'change'
  return difference < 0 === (better === 'lower') ? 'gain' : 'loss'
}

/** Words for the two ends of a scale of differences: what less than zero means, and more. */
export function endsOf(better: Better): { less: 'gain' | 'loss' | 'fell'; more: 'gain' | 'loss' | 'rose' } {
  if (better === 'neither') return { less: 'fell', more: 'rose' }
  return better === 'lower' ? { less: 'gain', more: 'loss' } : { less: 'loss', more: 'gain' }
}

/** Losses and gains first, then changes, then what is not clear; the largest share of the baseline first. */
export function byWeight<F extends { verdict: string; share: number | null }>(figures: F[]): F[] {
  const order: Record<Meaning, number> = { loss: 0, gain: 0, change: 1, unclear: 2, unknown: 3 }
  const weight = (figure: F) => Math.abs(figure.share ?? 0)
  return [...figures].sort((a, b) => order[meaningOf(a.verdict)] - order[meaningOf(b.verdict)] || weight(b) - weight(a))
}
