// One field: label, control, what it means, what is wrong with it.
import { getUiOptions, type FieldTemplateProps } from '@rjsf/utils'
import { useWords } from '../../language/words'
import { formsWords } from './formsWords'

export function FieldTemplate(props: FieldTemplateProps) {
  const { id, label, required, displayLabel, rawDescription, rawErrors, hidden, children, uiSchema, schema } = props
  const t = useWords(formsWords)
  if (hidden) return <div hidden>{children}</div>
  const options = getUiOptions(uiSchema)
  const wide = options.wide === true || schema.type === 'object' || schema.type === 'array'
  return (
    <div className={`field${wide ? ' field-wide' : ''}${options.first ? ' field-first' : ''}`}>
      {displayLabel && (
        <label className="field-label" htmlFor={id} id={`${id}__label`}>
          {label}
          {required && <span className="field-required" title={t('required')} aria-hidden="true"> *</span>}
        </label>
      )}
      {children}
      {rawErrors && rawErrors.length > 0 && (
        <p className="field-fault" id={`${id}__error`}>{[...new Set(rawErrors)].join(' · ')}</p>
      )}
      {displayLabel && rawDescription && <p className={options.quiet ? 'visually-hidden' : 'field-description'} id={`${id}__description`}>{rawDescription}</p>}
    </div>
  )
}
