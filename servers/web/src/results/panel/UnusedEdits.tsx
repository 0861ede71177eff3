// Which parts of the plan had no effect: the measure as the plan says it, what of it was not used, and why.
import { factText } from '../../features/facts'
import { useLanguage, useText, useWords } from '../../language/words'
import { useFeatureName } from '../../planning/featureNames'
import { titleOf, useMeasureTypes } from '../../planning/measureTypes'
import { useCollections } from '../../server/cityQueries'
import type { Collection, MeasureDocument, Plan, UnusedEdit } from '../../server/documents'
import { words } from '../words'
import { MeasureLine } from './MeasureList'
import { plainValue } from './planWords'

export type Unused = { side: string | null; edits: UnusedEdit[]; plan: Plan }

/** "Roads Harbour Street: Speed limit 30 km/h", in the titles and units of the layer's fields. */
function Edit({ edit, layer }: { edit: UnusedEdit; layer: Collection | undefined }) {
  const text = useText()
  const language = useLanguage()
  const { title } = useFeatureName(edit.layer, edit.target)
  const fields = Object.entries(edit.fields).map(([name, value]) => {
    const field = layer?.fields.find((one) => one.name === name)
    return field ? `${text(field.title)} ${factText(field, value, language)}` : `${titleOf(undefined, name, language)} ${plainValue(value)}`
  })
  const hours = edit.from || edit.to ? `${edit.from ?? ''}–${edit.to ?? ''}` : ''
  const about = [...fields, hours].filter(Boolean).join(' · ')
  return <span className="numbers">{[layer ? text(layer.titles) : edit.layer.replaceAll('_', ' '), title].join(' ')}{about && `${language === 'zh' ? '：' : ': '}${about}`}</span>
}

type Props = { edit: UnusedEdit; plan: Plan; types: Map<string, MeasureDocument> | undefined; layer: Collection | undefined }

function UnusedOne({ edit, plan, types, layer }: Props) {
  const measure = plan.measures[edit.measure]
  return (
    <li>
      {measure && <><MeasureLine measure={measure} type={types?.get(measure.type)} /><br /></>}
      <Edit edit={edit} layer={layer} />
      {edit.reason && <em>{edit.reason}</em>}
    </li>
  )
}

export function UnusedEdits({ unused }: { unused: Unused[] }) {
  const t = useWords(words)
  const types = useMeasureTypes()
  const collections = useCollections().data
  const sides = unused.filter((one) => one.edits.length > 0)
  if (sides.length === 0) return null
  const count = sides.reduce((sum, one) => sum + one.edits.length, 0)
  return (
    <div className="caution">
      <h3>{t('unused', { n: count })}</h3>
      <p>{t('unusedHelp')}</p>
      {sides.map(({ side, edits, plan }) => (
        <div key={side ?? ''}>
          {side && <h4>{side}</h4>}
          <ul>
            {edits.map((edit, place) => <UnusedOne key={place} edit={edit} plan={plan} types={types} layer={collections?.find((one) => one.id === edit.layer)} />)}
          </ul>
        </div>
      ))}
    </div>
  )
}
