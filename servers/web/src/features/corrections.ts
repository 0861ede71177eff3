// What a correction form holds: values as they are typed, in the units that people see, and back.
import { shownValue } from '../language/quantities'
import type { CardField } from '../server/documents'
import { known } from './facts'

export type Typed = Record<string, string | boolean | null>

export function editableFields(fields: CardField[]): CardField[] {
  return fields.filter((field) => field.editable && (isNumber(field) || field.dtype === 'bool' || field.dtype === 'string'))
}

export function isNumber(field: CardField): boolean {
  return /^(int|uint|float)/.test(field.dtype)
}

const isWhole = (field: CardField) => /^u?int/.test(field.dtype)
const factor = (field: CardField) => shownValue(1, field.unit)

/** A value as it first stands in the form. */
export function typedValue(field: CardField): string | boolean | null {
  if (field.dtype === 'bool') return (field.value as boolean | null) ?? null
  if (!known(field.value)) return ''
  if (isNumber(field)) return String(Number(((field.value as number) * factor(field)).toPrecision(10)))
  return String(field.value)
}

/** Spaces alone say nothing, least of all 0. */
const isBlank = (typed: Typed[string]) => typed === null || (typeof typed === 'string' && typed.trim() === '')

/** What is wrong with what was typed; null if nothing. */
export function fault(field: CardField, typed: Typed[string]): 'wholeNumber' | 'number' | null {
  if (!isNumber(field) || isBlank(typed)) return null
  const number = Number(String(typed).replaceAll(',', ''))
  if (!Number.isFinite(number)) return isWhole(field) ? 'wholeNumber' : 'number'
  return isWhole(field) && !Number.isInteger(number) ? 'wholeNumber' : null
}

function serverValue(field: CardField, typed: Typed[string]): unknown {
  if (isBlank(typed)) return null
  if (!isNumber(field)) return typed
  return Number(String(typed).replaceAll(',', '')) / factor(field)
}

const differs = (typed: Typed[string], before: Typed[string]) => typed !== before && !(isBlank(typed) && isBlank(before))

/** The fields that were changed, in the server's units. */
export function changedFields(fields: CardField[], typed: Typed): Record<string, unknown> {
  return Object.fromEntries(
    fields.filter((field) => field.name in typed && differs(typed[field.name], typedValue(field))).map((field) => [field.name, serverValue(field, typed[field.name])]),
  )
}
