// A few values side by side.
import type { WidgetProps } from '@rjsf/utils'
import { Segmented } from 'antd'

export function ChoiceWidget({ id, value, onChange, options, label, disabled }: WidgetProps) {
  const offered = options.enumOptions ?? []
  return (
    <Segmented<number>
      id={id} aria-label={label} disabled={disabled} name={id} block
      value={offered.findIndex((one) => one.value === value)}
      options={offered.map((one, place) => ({ value: place, label: one.label }))}
      onChange={(place) => onChange(offered[place].value)}
    />
  )
}
