// Names of plans: what a link and the command line say. People read titles; a name is made from one.
import type { PlanDocument } from '../server/documents'

const FORBIDDEN = /[^\p{L}\p{N}_.-]+/gu
const LONGEST = 80

/** As the server checks it: letters, digits, `_`, `.`, `-`; at most 80. */
export function isPlanName(name: string): boolean {
  return new RegExp(`^[\\p{L}\\p{N}_.-]{1,${LONGEST}}$`, 'u').test(name)
}

/** A name from a title: "Close the bridge 7–9 h" → "Close-the-bridge-7-9-h". Empty if nothing of it can stay. */
export function nameFromTitle(title: string): string {
  return title.normalize('NFC').replace(FORBIDDEN, '-').slice(0, LONGEST).replace(/^[-.]+|[-.]+$/g, '')
}

/** The name, or the name with the first number that is not taken. */
export function freeName(name: string, taken: Iterable<string>): string {
  const known = new Set(taken)
  if (!known.has(name)) return name
  const stem = name.replace(/-\d+$/, '').slice(0, LONGEST - 5)
  let number = 2
  while (known.has(`${stem}-${number}`)) number += 1
  return `${stem}-${number}`
}

/** "11-22 14:07" in local time. */
export function momentForTitle(now: Date): string {
  const two = (part: number) => String(part).padStart(2, '0')
  return `${two(now.getMonth() + 1)}-${two(now.getDate())} ${two(now.getHours())}:${two(now.getMinutes())}`
}

export function titleOf(document: Pick<PlanDocument, 'name' | 'plan'>): string {
  return document.plan.title || document.name
}
