// Undo, redo, save; what state the plan is in; what to do when somebody else saved it meanwhile.
import { RedoOutlined, SaveOutlined, UndoOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { ConflictNotice } from './ConflictNotice'
import { isDirty, useDraft, type Draft } from './draft'
import { freeName } from './planNames'
import { planWords } from './planWords'
import type { SavingDoor } from './useSaving'

type Props = { draft: Draft; door: SavingDoor; sound: boolean }

export function SaveBar({ draft, door, sound }: Props) {
  const t = useWords(planWords)
  const undo = useDraft((store) => store.undo)
  const redo = useDraft((store) => store.redo)
  const { state } = door
  const dirty = isDirty(draft)
  const isNew = draft.version === null
  return (
    <div className="save-bar">
      <div className="save-row">
        <Button icon={<UndoOutlined />} aria-label={t('undo')} title={`${t('undo')} (Ctrl+Z)`} disabled={draft.history.past.length === 0} onClick={undo} />
        <Button icon={<RedoOutlined />} aria-label={t('redo')} title={`${t('redo')} (Ctrl+Y)`} disabled={draft.history.future.length === 0} onClick={redo} />
        <span className="save-state soft" role="status">
          {state.step === 'saving' ? t('saving') : dirty || isNew ? t('notSaved') : savedWords(state.step === 'idle' ? state.justSaved : null)}
        </span>
        <Button type="primary" icon={<SaveOutlined aria-hidden />} loading={state.step === 'saving'} disabled={!sound || (!dirty && !isNew)} onClick={door.save}>
          {t('save')}
        </Button>
      </div>
      {state.step === 'failed' && <ProblemNotice problem={state.problem} retry={door.save} />}
      {state.step === 'taken' && <NameTaken name={draft.history.present.plan} />}
      {state.step === 'conflict' && <ConflictNotice draft={draft} newest={state.newest} door={door} />}
    </div>
  )

  function savedWords(version: number | null): string {
    return version === null ? t('allSaved') : t('saved', { number: version })
  }
}

function NameTaken({ name }: { name: string }) {
  const t = useWords(planWords)
  const setName = useDraft((store) => store.setName)
  const free = freeName(name, [name])
  return (
    <div className="notice" role="alert">
      <p>{t('nameTaken')}</p>
      <Button size="small" onClick={() => setName(free)}>{t('useName', { name: free })}</Button>
    </div>
  )
}
