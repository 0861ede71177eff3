// Putting a feature's values right, in place. Only what was changed is sent; nothing typed is lost when sending fails.
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { App as Messages, AutoComplete, Button, Input, Segmented } from 'antd'
import { useId } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { shownUnit } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import { featurePath } from '../server/cardQuery'
import { sendJson } from '../server/client'
import type { Card, CardField } from '../server/documents'
import { changedFields, editableFields, fault, isNumber, typedValue, type Typed } from './corrections'
import { EMPTY, useCorrectionDrafts } from './correctionDrafts'
import { featureWords } from './featureWords'
import { knownValues } from './valueWords'

type FieldProps = { field: CardField; typed: Typed[string]; change: (typed: Typed[string]) => void }

function FieldInput({ field, typed, change, id }: FieldProps & { id: string }) {
  const t = useWords(featureWords)
  const language = useLanguage()
  const text = useText()
  if (field.dtype === 'bool')
    return (
      <Segmented
        size="small" aria-label={text(field.title)} value={typed === null ? '' : String(typed)} onChange={(value) => change(value === 'true')}
        options={[{ value: 'true', label: t('yes') }, { value: 'false', label: t('no') }]}
      />
    )
  const options = knownValues(field.name).map(([value, words]) => ({ value, label: `${words[language]} (${value})` }))
  if (options.length)
    return <AutoComplete id={id} size="small" value={typed as string} options={options} onChange={change} filterOption={(input, option) => input === typedValue(field) || (option?.label ?? '').includes(input)} />
  return (
    <Input
      id={id} size="small" value={(typed as string) ?? ''} onChange={(event) => change(event.target.value)} inputMode={isNumber(field) ? 'decimal' : undefined}
      suffix={shownUnit(field.unit, language) || undefined} status={fault(field, typed) ? 'error' : undefined} aria-invalid={fault(field, typed) !== null}
    />
  )
}

function FieldRow(props: FieldProps) {
  const t = useWords(featureWords)
  const text = useText()
  const id = useId()
  const wrong = fault(props.field, props.typed)
  return (
    <div className="correct-row">
      <label htmlFor={id}>{text(props.field.title)}</label>
      <FieldInput {...props} id={id} />
      {wrong && <small className="correct-fault" role="alert">{t(wrong)}</small>}
    </div>
  )
}

/** `draft` is where what is typed lies ({@link draftKey}); saving or cancelling clears it. */
export function CorrectionForm({ card, draft, done }: { card: Card; draft: string; done: () => void }) {
  const t = useWords(featureWords)
  const { message } = Messages.useApp()
  const queries = useQueryClient()
  const fields = editableFields(card.fields)
  const { typed, note } = useCorrectionDrafts((store) => store.drafts[draft] ?? EMPTY)
  const { change, discard } = useCorrectionDrafts.getState()
  const end = () => {
    discard(draft)
    done()
  }
  const noteId = useId()
  const changed = changedFields(fields, typed)
  const faulty = fields.some((field) => field.name in typed && fault(field, typed[field.name]) !== null)
  const ready = Object.keys(changed).length > 0 && !faulty
  const save = useMutation({
    mutationFn: () => sendJson('PATCH', featurePath(card.collection, card.id), { fields: changed, note, sequence: card.sequence }),
    onSuccess: () => {
      message.success(t('saved'))
      void queries.invalidateQueries()
      end()
    },
  })
  return (
    <form className="correct" onSubmit={(event) => { event.preventDefault(); if (ready) save.mutate() }}>
      <p className="soft">{t('correctHelp')}</p>
      {fields.map((field) => (
        <FieldRow key={field.name} field={field} typed={field.name in typed ? typed[field.name] : typedValue(field)} change={(value) => change(draft, { typed: { ...typed, [field.name]: value } })} />
      ))}
      <div className="correct-note">
        <label htmlFor={noteId}>{t('note')}</label>
        <Input.TextArea id={noteId} value={note} onChange={(event) => change(draft, { note: event.target.value })} placeholder={t('noteHelp')} autoSize={{ minRows: 2, maxRows: 5 }} maxLength={2000} />
      </div>
      {save.error ? <ProblemNotice problem={save.error} retry={() => save.mutate()} /> : null}
      <div className="actions">
        <Button type="primary" htmlType="submit" loading={save.isPending} disabled={!ready} title={ready ? undefined : t('unchanged')}>{t('save')}</Button>
        <Button onClick={end}>{t('cancel')}</Button>
      </div>
    </form>
  )
}
