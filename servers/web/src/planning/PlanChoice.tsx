// One side of a question: the city as it is, or a saved plan.
import { useQuery } from '@tanstack/react-query'
import { Select } from 'antd'
import { useWords } from '../language/words'
import { askWords } from './askWords'
import { plansQuery } from './planQueries'

type Props = {
  label: string
  id: string
  /** Name of a saved plan; '': the city as it is. Other values are those of `more`. */
  value: string
  onChange: (value: string) => void
  /** Choices besides the saved plans. */
  more?: { value: string; label: string }[]
  without?: string
}

const AS_IS = 'as it is' // no plan's name: it has spaces

export function PlanChoice({ label, id, value, onChange, more = [], without }: Props) {
  const t = useWords(askWords)
  const { data } = useQuery(plansQuery)
  const saved = (data ?? []).filter((one) => one.name !== without).map((one) => ({ value: one.name, label: one.title || one.name }))
  const fieldId = id.replace(/[^\w-]/g, '_')
  return (
    <div className="field">
      <label className="field-label" htmlFor={fieldId}>{label}</label>
      <Select
        id={fieldId} className="quantity" value={value || AS_IS} onChange={(chosen) => onChange(chosen === AS_IS ? '' : chosen)}
        showSearch={{ optionFilterProp: 'label' }} options={[{ value: AS_IS, label: t('cityAsIs') }, ...more, ...saved]}
      />
    </div>
  )
}
