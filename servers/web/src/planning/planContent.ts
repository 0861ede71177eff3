// What a plan says, apart from how it is written: key order and absent texts make no difference.
import type { Plan } from '../server/documents'

/** With every key a plan has, so that later changes compare like with like. */
export function wholePlan(plan: Plan): Plan {
  return { plan: plan.plan, title: plan.title ?? '', note: plan.note ?? '', measures: plan.measures ?? [] }
}

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([, part]) => part !== undefined)
  return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, part]) => [key, sorted(part)]))
}

export function sameContent(one: unknown, other: unknown): boolean {
  return one === other || JSON.stringify(sorted(one)) === JSON.stringify(sorted(other))
}
