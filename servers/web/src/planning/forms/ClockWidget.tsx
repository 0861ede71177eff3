// A clock time: typed freely, or chosen from half hours.
import type { WidgetProps } from '@rjsf/utils'
import { AutoComplete } from 'antd'
import { useEffect, useState } from 'react'
import { useWords } from '../../language/words'
import { clockSuggestions, clockText } from './clockText'
import { formsWords } from './formsWords'

export function ClockWidget({ id, value, onChange, label, disabled }: WidgetProps) {
  const t = useWords(formsWords)
  const written = typeof value === 'string' ? value : ''
  const [typed, setTyped] = useState(written)
  useEffect(() => setTyped(written), [written])
  const settle = (text: string) => {
    const time = clockText(text)
    setTyped(time)
    if (time !== written) onChange(time === '' ? undefined : time)
  }
  return (
    <AutoComplete
      id={id} aria-label={label} className="numbers" value={typed} disabled={disabled} allowClear placeholder={t('clock')}
      options={clockSuggestions(typed === written ? '' : typed).map((time) => ({ value: time }))}
      onChange={(text) => setTyped(text ?? '')} onSelect={settle} onClear={() => settle('')}
      onBlur={() => settle(typed)} onKeyDown={(event) => event.key === 'Enter' && settle(typed)}
    />
  )
}
