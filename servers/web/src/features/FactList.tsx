// Facts with units; what was assumed or corrected says so in a word, with a sign beside it.
import { Tooltip } from 'antd'
import { useLanguage, useText, useWords } from '../language/words'
import type { CardField } from '../server/documents'
import { factText } from './facts'
import { featureWords } from './featureWords'

function Marks({ field }: { field: CardField }) {
  const t = useWords(featureWords)
  const text = useText()
  const language = useLanguage()
  if (field.correction) {
    const why = t('correctedFrom', { value: factText(field, field.correction.from, language) })
    return <Tooltip title={[why, field.correction.note].filter(Boolean).join(' — ')}><span className="fact-mark fact-corrected" tabIndex={0}>✓ {t('corrected')}</span></Tooltip>
  }
  if (field.assumed) return <Tooltip title={t('assumedWhy', { why: text(field.assumed) })}><span className="fact-mark fact-assumed" tabIndex={0}>≈ {t('assumed')}</span></Tooltip>
  return null
}

export function FactList({ fields }: { fields: CardField[] }) {
  const text = useText()
  const language = useLanguage()
  return (
    <dl className="facts numbers">
      {fields.map((field) => (
        <div key={field.name}>
          <dt>{text(field.title)}</dt>
          <dd>
            {factText(field, field.value, language)} <Marks field={field} />
          </dd>
        </div>
      ))}
    </dl>
  )
}

/** Raw attributes, key by key. */
export function RawFacts({ fields }: { fields: CardField[] }) {
  const text = useText()
  const language = useLanguage()
  const rows = fields.flatMap((field) =>
    typeof field.value === 'object' && field.value !== null
      ? Object.entries(field.value).map(([key, value]) => [key, String(value)])
      : [[text(field.title), factText(field, field.value, language)]],
  )
  return (
    <dl className="facts facts-raw numbers">
      {rows.map(([key, value]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
