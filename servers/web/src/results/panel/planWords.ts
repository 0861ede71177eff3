// Plans, and values of unknown kind, as people say them.
import type { Plan } from '../../server/documents'

/** A plan's title, else its name; null for the city as it is. */
export function planTitle(plan: Plan): string | null {
  if (plan.measures.length === 0 && !plan.title) return null
  return plan.title || plan.plan.replaceAll('-', ' ')
}

/** Any JSON value in one line. */
export function plainValue(value: unknown): string {
  if (value === null || value === undefined) return '–'
  if (Array.isArray(value)) return value.map(plainValue).join(', ')
  if (typeof value === 'object') return Object.entries(value).map(([name, part]) => `${name.replaceAll('_', ' ')}: ${plainValue(part)}`).join(', ')
  return String(value)
}
