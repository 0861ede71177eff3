// RJSF's validator over an interpreter of JSON Schema: the page's content policy forbids compiling one (no eval).
import { Validator, type Schema as CheckedSchema } from '@cfworker/json-schema'
import {
  ErrorSchemaBuilder, createErrorHandler, unwrapErrorHandler, validationDataMerge,
  type CustomValidator, type ErrorTransformer, type RJSFSchema, type RJSFValidationError, type UiSchema,
  type ValidationData, type ValidatorType,
} from '@rjsf/utils'
import { fill, type Language } from '../language/words'
import type { JsonSchema } from '../server/documents'
import { formsWords, type FormsWord } from './forms/formsWords'
import { at, pointerSteps } from './forms/schemaPlaces'

type Finding = { keyword: string; keywordLocation: string; instanceLocation: string; error: string }
type Data = Record<string, unknown>
type Schema = RJSFSchema

/** Keywords that only pass on what was found inside them. */
const CARRIERS = new Set(['properties', 'patternProperties', 'items', 'prefixItems', '$ref', 'allOf', 'if', 'then', 'else'])
const INSIDE_CHOICE = /\/(anyOf|oneOf|not)\/./

const clone = (value: unknown): unknown => (value === undefined ? undefined : JSON.parse(JSON.stringify(value)))

/** Made once for each schema and root: RJSF asks again at every key stroke. The checker marks what it is given: clones. */
const made = new WeakMap<object, WeakMap<object, Validator>>()
function checkerOf(schema: object, root: object): Validator {
  const known = made.get(root) ?? new WeakMap<object, Validator>()
  made.set(root, known)
  const found = known.get(schema)
  if (found) return found
  const own = clone(schema) as CheckedSchema
  const whole = schema === root ? own : { ...own, $defs: clone((root as JsonSchema).$defs) }
  const checker = new Validator(whole, '2020-12', false)
  known.set(schema, checker)
  return checker
}

/** Findings that say something about one value; raises for a schema that is none. */
function findings(schema: object, data: unknown, root = schema): Finding[] {
  const all = checkerOf(schema, root).validate(clone(data) ?? null).errors as Finding[]
  return all.filter((one) => !CARRIERS.has(one.keyword) && one.keyword !== 'false' && !INSIDE_CHOICE.test(one.keywordLocation))
}

/** The missing or unknown property that an error at its object is about. */
function property(one: Finding): string[] {
  if (one.keyword !== 'required' && one.keyword !== 'additionalProperties') return []
  const name = /"([^"]*)"/g
  const quoted = [...one.error.matchAll(name)].map((match) => match[1])
  return quoted.slice(one.keyword === 'required' ? -1 : 0).slice(0, 1)
}

function wordOf(keyword: string): FormsWord {
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') return 'unknown'
  if (keyword === 'const') return 'enum'
  return keyword in formsWords.en ? (keyword as FormsWord) : 'other'
}

function told(one: Finding, schema: JsonSchema, language: Language): { path: string[]; error: RJSFValidationError } {
  const limit = at(schema, one.keywordLocation)
  const path = [...pointerSteps(one.instanceLocation), ...property(one)]
  const known = typeof limit === 'number' || typeof limit === 'string' ? { limit } : undefined
  const message = fill(formsWords[language][wordOf(one.keyword)], known)
  const place = `.${path.join('.')}`
  return { path, error: { name: one.keyword, message, params: known, property: place, schemaPath: one.keywordLocation, stack: message } }
}

function errorsOf(schema: JsonSchema, data: unknown, language: Language): ValidationData<Data> {
  const builder = new ErrorSchemaBuilder<Data>()
  const errors: RJSFValidationError[] = []
  for (const one of findings(schema, data)) {
    const { path, error } = told(one, schema, language)
    errors.push(error)
    builder.addErrors(error.message ?? '', path)
  }
  return { errors, errorSchema: builder.ErrorSchema }
}

/** A validator that says what is wrong in a language. */
export function createValidator(language: Language): ValidatorType<Data, Schema> {
  const checked = (schema: Schema, data: Data | undefined): ValidationData<Data> => {
    try {
      return errorsOf(schema as JsonSchema, data, language)
    } catch {
      return { errors: [], errorSchema: {} } // a pattern or reference that cannot be read here: the server judges it
    }
  }
  return {
    validateFormData(
      data: Data | undefined, schema: Schema, custom?: CustomValidator<Data, Schema>,
      transform?: ErrorTransformer<Data, Schema>, uiSchema?: UiSchema<Data, Schema>,
    ): ValidationData<Data> {
      const own = checked(schema, data)
      const result = transform ? { ...own, errors: transform(own.errors, uiSchema) } : own
      if (!custom) return result
      const handler = custom(data, createErrorHandler(data ?? {}), uiSchema)
      const errorSchema = unwrapErrorHandler(handler)
      return validationDataMerge(result, errorSchema)
    },
    isValid(schema: Schema, data: Data | undefined, root: Schema): boolean {
      try {
        return checkerOf(schema as object, root as object).validate(clone(data) ?? null).valid
      } catch {
        return false
      }
    },
    rawValidation<Result>(schema: Schema, data?: Data) {
      try {
        return { errors: findings(schema as object, data) as Result[] }
      } catch (fault) {
        return { validationError: fault as Error }
      }
    },
  }
}

export const validators: Record<Language, ValidatorType<Data, Schema>> = { en: createValidator('en'), zh: createValidator('zh') }
