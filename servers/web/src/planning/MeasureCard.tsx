// One measure of the plan: what it says in a line; opened, its form; and what is wrong with it.
import { ArrowDownOutlined, ArrowUpOutlined, DeleteOutlined, DownOutlined, RightOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { useLanguage, useWords } from '../language/words'
import type { Measure, MeasureDocument } from '../server/documents'
import { MeasureForm } from './forms/MeasureForm'
import { localised } from './forms/localise'
import { useMeasureWords } from './measureWords'
import type { MeasureState } from './planCheck'
import { planWords } from './planWords'

/** Where the keyboard goes on after a measure was added. */
export const titleId = (place: number) => `measure-${place}-title`

type Props = {
  measure: Measure
  type: MeasureDocument | undefined
  state: MeasureState
  place: number
  last: number
  open: boolean
  onOpen: (open: boolean) => void
  onChange: (measure: Measure, about: string) => void
  onMove: (to: number) => void
  onRemove: () => void
}

export function MeasureCard({ measure, type, state, place, last, open, onOpen, onChange, onMove, onRemove }: Props) {
  const t = useWords(planWords)
  const words = useMeasureWords(measure, type)
  const what = [words.title, words.place].filter(Boolean).join(' · ')
  const body = `measure-${place}-body`
  return (
    <li className={`measure measure-${state.kind}`}>
      <div className="measure-head">
        <button type="button" id={titleId(place)} className="measure-title" aria-expanded={open} aria-controls={body} onClick={() => onOpen(!open)}>
          <span className="measure-fold" aria-hidden="true">{open ? <DownOutlined /> : <RightOutlined />}</span>
          <span className="measure-words">
            <strong>{words.title}</strong> {words.place}
            <span className="measure-details numbers">{words.details.join(' · ')}</span>
          </span>
        </button>
        <span className="measure-tools">
          <Button size="small" type="text" icon={<ArrowUpOutlined />} disabled={place === 0} aria-label={t('moveUp', { what })} onClick={() => onMove(place - 1)} />
          <Button size="small" type="text" icon={<ArrowDownOutlined />} disabled={place === last} aria-label={t('moveDown', { what })} onClick={() => onMove(place + 1)} />
          <Button size="small" type="text" icon={<DeleteOutlined />} aria-label={t('remove', { what })} onClick={onRemove} />
        </span>
      </div>
      <div id={body} className="measure-body" hidden={!open}>
        {open && type && <MeasureForm type={type} measure={measure} place={place} onChange={onChange} />}
        {open && !type && <p className="soft">{t('unknownMeasure')}</p>}
      </div>
      <MeasureVerdict state={state} type={type} open={open} />
    </li>
  )
}

/** Opened, the form itself says at its fields what is missing. */
function MeasureVerdict({ state, type, open }: { state: MeasureState; type: MeasureDocument | undefined; open: boolean }) {
  const t = useWords(planWords)
  const language = useLanguage()
  if (state.kind === 'faulty') return <ProblemNotice problem={state.problem} />
  if (state.kind !== 'incomplete' || !type || open) return null
  const properties = localised(type.schema, language).properties ?? {}
  const separator = language === 'zh' ? '、' : ', '
  const what = state.fields.map((field) => properties[field]?.title ?? field).join(separator)
  return <p className="measure-hint">{t('incomplete', { what })}</p>
}
