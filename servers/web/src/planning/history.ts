// A value with its past and future. Pure: every change is a step; undo and redo are inverse to each other.

export type History<T> = {
  past: T[]
  present: T
  future: T[]
  /** What the last change was about and when: typing on in one field within a moment is one step. */
  last: { about: string; at: number } | null
}

const MOST_STEPS = 200
const ONE_STEP_MS = 1200

export function begin<T>(present: T): History<T> {
  return { past: [], present, future: [], last: null }
}

/** A new step; changes `about` the same thing within a moment are joined. `about` empty: never joined. */
export function change<T>(history: History<T>, present: T, about = '', at = 0): History<T> {
  const joined = about !== '' && history.last?.about === about && at - history.last.at < ONE_STEP_MS && history.past.length > 0
  const past = joined ? history.past : [...history.past, history.present].slice(-MOST_STEPS)
  return { past, present, future: [], last: about ? { about, at } : null }
}

export function undo<T>(history: History<T>): History<T> {
  if (history.past.length === 0) return history
  const present = history.past[history.past.length - 1]
  return { past: history.past.slice(0, -1), present, future: [history.present, ...history.future], last: null }
}

export function redo<T>(history: History<T>): History<T> {
  if (history.future.length === 0) return history
  const [present, ...future] = history.future
  return { past: [...history.past, history.present], present, future, last: null }
}

/** Apply to the present and to every step, past and undone. */
export function everywhere<T>(history: History<T>, edit: (value: T) => T): History<T> {
  return { ...history, past: history.past.map(edit), present: edit(history.present), future: history.future.map(edit) }
}
