// The fields of an object in a grid; of the outermost form only the first stand open, with those already set.
import { DownOutlined, UpOutlined } from '@ant-design/icons'
import { getUiOptions, type ObjectFieldTemplateProps } from '@rjsf/utils'
import { Button } from 'antd'
import { useState } from 'react'
import { useWords } from '../../language/words'
import type { JsonSchema } from '../../server/documents'
import { sameContent } from '../planContent'
import { formsWords } from './formsWords'

type Property = ObjectFieldTemplateProps['properties'][number]

/** Fields that stand open: the first ones, needed ones, and those that say something else than by default. */
function openFields(properties: Property[], props: ObjectFieldTemplateProps, open: number | undefined, aside: string[]): Set<string> {
  const shown = properties.filter((one) => !one.hidden)
  const fields = (props.schema as JsonSchema).properties ?? {}
  const value = (props.formData ?? {}) as Record<string, unknown>
  const isSet = (name: string) => value[name] !== undefined && !sameContent(value[name], fields[name]?.default)
  const isNeeded = (name: string) => (props.schema.required ?? []).includes(name)
  const isAside = (name: string) => fields[name]?.advanced === true || aside.includes(name)
  const main = shown.filter((one) => !isAside(one.name))
  const first = open === undefined || main.length <= open + 1 ? main : main.slice(0, open) // one alone is not hidden
  return new Set([...first, ...shown.filter((one) => isNeeded(one.name) || isSet(one.name))].map((one) => one.name))
}

export function ObjectTemplate(props: ObjectFieldTemplateProps) {
  const { properties, title, fieldPathId, uiSchema } = props
  const t = useWords(formsWords)
  const [all, setAll] = useState(false)
  const options = getUiOptions(uiSchema)
  const open = typeof options.open === 'number' ? options.open : undefined
  // what stood open stays open while it is typed in, even when it is back to its default
  const [begun] = useState(() => openFields(properties, props, open, (options.aside ?? []) as string[]))
  const shown = properties.filter((one) => one.hidden || all || begun.has(one.name))
  const rest = properties.filter((one) => !one.hidden && !begun.has(one.name)).length
  const isNested = fieldPathId.path.length > 0
  return (
    <fieldset className="fields" id={fieldPathId.$id}>
      {isNested && title && <legend className="field-label">{title}</legend>}
      <div className="fields-grid">{shown.map((one) => <Slot key={one.name} property={one} />)}</div>
      {rest > 0 && (
        <Button
          type="link" size="small" className="fields-more" aria-expanded={all} icon={all ? <UpOutlined aria-hidden /> : <DownOutlined aria-hidden />}
          onClick={() => setAll(!all)}
        >
          {all ? t('fewer') : t('more', { count: rest })}
        </Button>
      )}
    </fieldset>
  )
}

function Slot({ property }: { property: Property }) {
  return <>{property.content}</>
}
