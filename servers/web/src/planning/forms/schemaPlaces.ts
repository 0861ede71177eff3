// Finding one's way in a JSON Schema: pointers and local references.
import type { JsonSchema } from '../../server/documents'

const unescaped = (step: string) => decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')

/** Steps of "#/properties/a~1b" → ["properties", "a/b"]. */
export function pointerSteps(pointer: string): string[] {
  return pointer.replace(/^#?\/?/, '').split('/').filter((step) => step !== '').map(unescaped)
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

/** What stands at a pointer; a step `$ref` goes on where the reference leads. Undefined if nothing stands there. */
export function at(root: JsonSchema, pointer: string): unknown {
  let here: unknown = root
  for (const step of pointerSteps(pointer)) {
    if (!isObject(here)) return undefined
    here = step === '$ref' && typeof here.$ref === 'string' ? at(root, here.$ref) : here[step]
  }
  return here
}

/** The schema itself, or what its local reference leads to, with the titles given beside the reference. */
export function resolved(schema: JsonSchema, root: JsonSchema): JsonSchema {
  if (typeof schema.$ref !== 'string') return schema
  const { $ref, ...beside } = schema
  const found = at(root, $ref)
  return isObject(found) ? { ...(found as JsonSchema), ...beside } : schema
}
