// Yes or no.
import type { WidgetProps } from '@rjsf/utils'
import { Switch } from 'antd'
import { useWords } from '../../language/words'
import { formsWords } from './formsWords'

export function SwitchWidget({ id, value, onChange, label, disabled }: WidgetProps) {
  const t = useWords(formsWords)
  return (
    <Switch
      id={id} aria-label={label} checked={value === true} disabled={disabled} onChange={(on) => onChange(on)}
      checkedChildren={t('yes')} unCheckedChildren={t('no')}
    />
  )
}
