// The measures in order, one of them open; what they change together.
import { useQuery } from '@tanstack/react-query'
import { Skeleton } from 'antd'
import { useEffect, useRef, useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import type { Measure, MeasureDocument } from '../server/documents'
import { AddMeasure } from './AddMeasure'
import { useDraft } from './draft'
import { MeasureCard, titleId } from './MeasureCard'
import { measureTypesQuery, missingFields } from './measureTypes'
import type { PlanState } from './planCheck'
import { changedFeatures } from './planOnMap'
import { planWords } from './planWords'

type Props = { measures: Measure[]; types: Map<string, MeasureDocument> | undefined; state: PlanState }

/** Which one is open: the one just added, or the first that is not complete. */
function useOpenMeasure(measures: Measure[], types: Map<string, MeasureDocument> | undefined) {
  const [open, setOpen] = useState<number | null>(null)
  const count = useRef<number | null>(null)
  useEffect(() => {
    if (!types) return
    const before = count.current
    count.current = measures.length
    if (before !== null && measures.length > before) {
      setOpen(measures.length - 1)
      // the keyboard goes on where something was added; later, or the key that chose it would press this button too
      setTimeout(() => document.getElementById(titleId(measures.length - 1))?.focus())
    }
    if (before === null) {
      const incomplete = measures.findIndex((one) => types.has(one.type) && missingFields(one, types.get(one.type)!).length > 0)
      setOpen(incomplete >= 0 ? incomplete : measures.length === 1 ? 0 : null)
    }
  }, [measures, types])
  return [open, setOpen] as const
}

/** Until the kinds of measures are known; if they cannot be had, what to do. */
function AwaitedTypes() {
  const { error, refetch } = useQuery(measureTypesQuery)
  return error ? <ProblemNotice problem={error} retry={() => void refetch()} /> : <Skeleton active />
}

export function MeasureList({ measures, types, state }: Props) {
  const t = useWords(planWords)
  const { addMeasure, updateMeasure, moveMeasure, removeMeasure } = useDraft.getState()
  const [open, setOpen] = useOpenMeasure(measures, types)
  if (!types) return <AwaitedTypes />
  return (
    <div className="measures">
      <h3>{t('measures')}</h3>
      {measures.length === 0 && <p className="soft">{t('noMeasuresNext')}</p>}
      <ol className="measure-list">
        {measures.map((measure, place) => (
          <MeasureCard
            key={place} measure={measure} type={types.get(measure.type)} state={state.measures[place] ?? { kind: 'checking' }} place={place}
            last={measures.length - 1} open={open === place} onOpen={(isOpen) => setOpen(isOpen ? place : null)}
            onChange={(next, about) => updateMeasure(place, next, about)}
            onMove={(to) => {
              moveMeasure(place, to)
              setOpen(open === place ? to : null)
            }}
            onRemove={() => {
              removeMeasure(place)
              setOpen(null)
            }}
          />
        ))}
      </ol>
      <div className="measures-foot">
        <AddMeasure types={types} onAdd={addMeasure} />
        <span className="soft" role="status">{verdict()}</span>
      </div>
    </div>
  )

  function verdict(): string {
    if (measures.length === 0 || state.problem) return ''
    if (state.checking) return t('checking')
    if (!state.sound) return ''
    const count = changedFeatures(state.edits).length + state.edits.filter((edit) => edit.op === 'add').length
    return count === 0 ? t('nothingChanges') : count === 1 ? t('fitsOne') : t('fits', { count })
  }
}
