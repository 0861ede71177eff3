// Title, short name and remarks of the open plan.
import { Button, Input } from 'antd'
import { useState } from 'react'
import { useWords } from '../language/words'
import { useDraft, type Draft } from './draft'
import { isPlanName, nameFromTitle } from './planNames'
import { planWords } from './planWords'

export function PlanHead({ draft }: { draft: Draft }) {
  const t = useWords(planWords)
  const setTitle = useDraft((store) => store.setTitle)
  const setNote = useDraft((store) => store.setNote)
  const plan = draft.history.present
  const [note, setNoteOpen] = useState(Boolean(plan.note))
  return (
    <div className="plan-head">
      <label className="visually-hidden" htmlFor="plan-title">{t('title')}</label>
      <Input.TextArea
        id="plan-title" className="plan-title" variant="underlined" value={plan.title} maxLength={200} placeholder={t('titleHint')}
        autoSize={{ minRows: 1, maxRows: 4 }} onPressEnter={(event) => event.preventDefault()}
        onChange={({ target }) => setTitle(target.value.replaceAll('\n', ' '))}
      />
      {draft.version === null ? <PlanName plan={plan} /> : <p className="soft numbers">{plan.plan} · {t('version', { number: draft.version })}</p>}
      {note ? (
        <div className="field">
          <label className="field-label" htmlFor="plan-note">{t('note')}</label>
          <Input.TextArea id="plan-note" autoSize={{ minRows: 1, maxRows: 5 }} value={plan.note} maxLength={2000} onChange={({ target }) => setNote(target.value)} />
        </div>
      ) : (
        <Button type="link" size="small" className="flush" onClick={() => setNoteOpen(true)}>{t('note')}…</Button>
      )}
    </div>
  )
}

/** The name a new plan will have: made from its title unless one is given. */
function PlanName({ plan }: { plan: Draft['history']['present'] }) {
  const t = useWords(planWords)
  const setName = useDraft((store) => store.setName)
  const wrong = plan.plan !== '' && !isPlanName(plan.plan)
  return (
    <div className="plan-name">
      <label className="field-label" htmlFor="plan-name">{t('name')}</label>
      <Input
        id="plan-name" size="small" value={plan.plan} maxLength={80} status={wrong ? 'error' : undefined} title={t('nameHint')}
        placeholder={nameFromTitle(plan.title ?? '') || t('nameHint')} onChange={({ target }) => setName(target.value)}
      />
      {wrong && <p className="field-fault">{t('nameProblem')}</p>}
    </div>
  )
}
