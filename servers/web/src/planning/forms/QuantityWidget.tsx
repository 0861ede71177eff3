// A number with its unit, steps and limits.
import type { WidgetProps } from '@rjsf/utils'
import { InputNumber } from 'antd'
import { shownUnit } from '../../language/quantities'
import { useLanguage } from '../../language/words'

/** A form asks for what the server counts in: only the unit's name is put into words, its values are not converted. */
function unitName(unit: string, language: 'zh' | 'en'): string {
  return unit === 'ratio' || unit === 'm/s' || unit === '1' ? (unit === 'm/s' ? 'm/s' : '') : shownUnit(unit, language)
}

export function QuantityWidget({ id, value, onChange, schema, label, disabled }: WidgetProps) {
  const language = useLanguage()
  const unit = typeof schema.unit === 'string' ? unitName(schema.unit, language) : ''
  return (
    <InputNumber
      id={id} aria-label={label} className="quantity numbers" value={typeof value === 'number' ? value : null} disabled={disabled}
      // limits are told beside the field by the check: a value is never bent to them unseen
      precision={schema.type === 'integer' ? 0 : undefined} changeOnWheel={false} suffix={unit || undefined}
      onChange={(number) => number !== null && onChange(number)}
      onBlur={({ target }) => target.value === '' && onChange(undefined)} // emptied: back to the default, once it is left
    />
  )
}
