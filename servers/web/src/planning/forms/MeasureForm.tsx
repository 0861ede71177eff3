// The form of one measure, from its declaration.
import { useMemo } from 'react'
import type { Measure, MeasureDocument } from '../../server/documents'
import { targetsOf } from '../measureTypes'
import { SchemaForm } from './SchemaForm'

type Props = { type: MeasureDocument; measure: Measure; place: number; onChange: (measure: Measure, about: string) => void }

const OPEN_FIELDS = 5

export function MeasureForm({ type, measure, place, onChange }: Props) {
  const layout = useMemo(() => {
    // of the places it may name, one is enough: the others wait under "more options"
    const others = type.targets.slice(1).map((one) => one.field)
    return { targets: targetsOf(type), open: OPEN_FIELDS, aside: [...others, 'note'] }
  }, [type])
  return (
    <SchemaForm
      name={`measure-${place}`} schema={type.schema} value={measure} layout={layout}
      onChange={(values, about) => onChange({ ...values, type: type.type }, about)}
    />
  )
}
