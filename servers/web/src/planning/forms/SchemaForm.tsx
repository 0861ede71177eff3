// A form from a JSON Schema: labels in the reader's language, units, defaults shown, faults beside their fields.
// Parts of the form library by their own addresses: its index brings along a validator that needs eval.
import Form, { type IChangeEvent } from '@rjsf/core/lib/components/Form.js'
import { TranslatableString, englishStringTranslator, replaceStringParameters, type RJSFSchema } from '@rjsf/utils'
import { useMemo } from 'react'
import { useLanguage, type Language } from '../../language/words'
import type { JsonSchema } from '../../server/documents'
import { sameContent } from '../planContent'
import { validators } from '../validator'
import { FIELDS, TEMPLATES, WIDGETS } from './formParts'
import { localised } from './localise'
import { defaultsOf, formLayout, type Layout } from './layout'
import './forms.css'

type Values = Record<string, unknown>

const CHINESE: Partial<Record<TranslatableString, string>> = {
  [TranslatableString.ArrayItemTitle]: '项', [TranslatableString.AddButton]: '添加', [TranslatableString.AddItemButton]: '添加一项',
  [TranslatableString.RemoveButton]: '移除', [TranslatableString.YesLabel]: '是', [TranslatableString.NoLabel]: '否',
  [TranslatableString.OptionPrefix]: '选项 %1', [TranslatableString.TitleOptionPrefix]: '%1 选项 %2', [TranslatableString.KeyLabel]: '%1 键名',
  [TranslatableString.UnknownFieldType]: '未知的字段类型 %1', [TranslatableString.EmptyArray]: '暂无内容，可用下方按钮添加。',
}

function translator(language: Language) {
  return (text: TranslatableString, values?: string[]) => {
    const chinese = language === 'zh' ? CHINESE[text] : undefined
    return chinese ? replaceStringParameters(chinese, values) : englishStringTranslator(text, values)
  }
}

const TRANSLATORS = { en: translator('en'), zh: translator('zh') }
/** Defaults are filled in by us, at the top only: what the form adds by itself would count as typed. */
const NO_OWN_DEFAULTS = { emptyObjectFields: 'skipDefaults' } as const

/** Values that say something: neither absent nor as by default. */
function spoken(values: Values, defaults: Values): Values {
  const kept = Object.entries(values).filter(([name, value]) => value !== undefined && !sameContent(value, defaults[name]))
  return Object.fromEntries(kept)
}

type Props = {
  schema: JsonSchema
  /** What differs from the defaults. */
  value: Values
  /** `about` names the field changed. */
  onChange: (value: Values, about: string) => void
  layout?: Layout
  /** Tells two forms on one page apart. */
  name: string
  disabled?: boolean
}

export function SchemaForm({ schema, value, onChange, layout, name, disabled }: Props) {
  const language = useLanguage()
  const shown = useMemo(() => ({ ...localised(schema, language), title: undefined, description: undefined }), [schema, language])
  const uiSchema = useMemo(() => formLayout(schema, language, layout), [schema, language, layout])
  const defaults = useMemo(() => defaultsOf(schema), [schema])
  const formData = useMemo(() => ({ ...defaults, ...value }), [defaults, value])
  const changed = ({ formData: now }: IChangeEvent<Values>, id?: string) => {
    const next = spoken(now ?? {}, defaults)
    if (!sameContent(next, spoken(value, defaults))) onChange(next, id ?? '')
  }
  return (
    <Form<Values, RJSFSchema>
      templates={TEMPLATES} widgets={WIDGETS} fields={FIELDS} tagName="div" className="schema-form" idPrefix={name} schema={shown as RJSFSchema} uiSchema={uiSchema} formData={formData}
      validator={validators[language]} liveValidate="onChange" noHtml5Validate showErrorList={false} disabled={disabled}
      translateString={TRANSLATORS[language]} experimental_defaultFormStateBehavior={NO_OWN_DEFAULTS} onChange={changed}
    >
      <></>
    </Form>
  )
}
