// Undo and redo are inverse to each other, whatever was done before.
import { describe, expect, it } from 'vitest'
import { begin, change, redo, undo, type History } from '../../src/planning/history'

/** A small generator with a seed: the same walks every time. */
function random(seed: number): () => number {
  let state = seed
  return () => (state = (state * 1103515245 + 12345) % 2147483648) / 2147483648
}

/** Some steps, undone and redone at random. */
function walk(seed: number, length: number): History<number> {
  const next = random(seed)
  let history = begin(0)
  for (let step = 1; step <= length; step += 1) {
    const what = next()
    history = what < 0.6 ? change(history, step) : what < 0.8 ? undo(history) : redo(history)
  }
  return history
}

const values = ({ past, present, future }: History<number>) => ({ past, present, future })
const walks = Array.from({ length: 60 }, (_, seed) => walk(seed + 1, 5 + (seed % 40)))

describe('history', () => {
  it('takes back what a change did', () => {
    for (const history of walks) expect(undo(change(history, -1)).present).toBe(history.present)
  })

  it('redoes what was undone, and undoes what was redone', () => {
    for (const history of walks) {
      if (history.past.length) expect(values(redo(undo(history)))).toEqual(values(history))
      if (history.future.length) expect(values(undo(redo(history)))).toEqual(values(history))
    }
  })

  it('leads back to the beginning, and forward to the end', () => {
    for (const history of walks) {
      let back = history
      while (back.past.length) back = undo(back)
      expect(back.present).toBe(0)
      let forward = back
      while (forward.future.length) forward = redo(forward)
      expect(forward.present).toBe(history.future.at(-1) ?? history.present)
    }
  })

  it('forgets what was undone once something else is done', () => {
    const history = change(undo(change(change(begin(0), 1), 2)), 3)
    expect(values(history)).toEqual({ past: [0, 1], present: 3, future: [] })
  })

  it('joins typing in one field within a moment, and nothing else', () => {
    const typed = change(change(begin(''), 'b', 'title', 1000), 'br', 'title', 1500)
    expect(typed.past).toEqual([''])
    expect(change(typed, 'bri', 'title', 9000).past).toEqual(['', 'br'])
    expect(change(typed, 'x', 'note', 1600).past).toEqual(['', 'br'])
  })

  it('does nothing where there is nothing to undo or redo', () => {
    const history = begin(7)
    expect(undo(history)).toBe(history)
    expect(redo(history)).toBe(history)
  })
})
