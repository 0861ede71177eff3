// An object that the declaration leaves open: written as JSON.
import type { FieldProps } from '@rjsf/utils'
import { Input } from 'antd'
import { useEffect, useState } from 'react'
import { useWords } from '../../language/words'
import { formsWords } from './formsWords'

const written = (value: unknown) => (value === undefined ? '' : JSON.stringify(value, null, 1))

export function JsonField({ formData, onChange, fieldPathId, schema, name, disabled }: FieldProps) {
  const t = useWords(formsWords)
  const [text, setText] = useState(written(formData))
  const [fault, setFault] = useState('')
  const outside = written(formData)
  useEffect(() => setText(outside), [outside])
  const settle = () => {
    try {
      const value: unknown = text.trim() === '' ? undefined : JSON.parse(text)
      setFault('')
      onChange(value, fieldPathId.path)
    } catch (problem) {
      setFault((problem as Error).message)
    }
  }
  const id = fieldPathId.$id
  const title = schema.title ?? name
  return (
    <div className="field">
      <label className="field-label" htmlFor={id}>{title}</label>
      <Input.TextArea
        id={id} autoSize={{ minRows: 1, maxRows: 8 }} value={text} disabled={disabled} spellCheck={false}
        onChange={(event) => setText(event.target.value)} onBlur={settle} status={fault ? 'error' : undefined}
      />
      {schema.description && <p className="field-description">{schema.description}</p>}
      {fault && <p className="field-fault" role="alert">{t('jsonFault', { fault })}</p>}
    </div>
  )
}
