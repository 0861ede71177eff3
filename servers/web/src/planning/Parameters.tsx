// The parameters of an analysis, as its declaration has them; what was filled in is kept.
import { useMemo } from 'react'
import type { ProcessDocument } from '../server/documents'
import { useAskMemory, useParameters } from './askMemory'
import { SchemaForm } from './forms/SchemaForm'

const OPEN_FIELDS = 4

export function Parameters({ process, name }: { process: ProcessDocument; name: string }) {
  const values = useParameters(process.id)
  const setParameters = useAskMemory((store) => store.setParameters)
  const layout = useMemo(() => ({ open: OPEN_FIELDS }), [])
  if (Object.keys(process.parameters.properties ?? {}).length === 0) return null
  return (
    <SchemaForm
      key={process.id} name={name} schema={process.parameters} value={values} layout={layout}
      onChange={(next) => setParameters(process.id, next)}
    />
  )
}
