// What was asked: parameters that differ from their defaults, the plan's measures, seed, when and how long.
import type { ReactNode } from 'react'
import { useLanguage, useWords } from '../../language/words'
import type { JsonSchema, Plan } from '../../server/documents'
import { titleOf, valueWords } from '../../planning/measureTypes'
import { useProcessDocument } from '../../planning/processQueries'
import { words } from '../words'
import { Fold } from './Fold'
import { MeasureList } from './MeasureList'

type Props = {
  analysis: string
  parameters: Record<string, unknown>
  plans: { title: string; plan: Plan }[]
  rows: { title: string; value: ReactNode }[]
}

/** Whether a parameter says more than the analysis would take by itself. */
export function isGiven(value: unknown, schema: JsonSchema | undefined): boolean {
  if (schema && 'default' in schema) return JSON.stringify(schema.default) !== JSON.stringify(value)
  return value !== null
}

function Parameter({ name, value, schema }: { name: string; value: unknown; schema?: JsonSchema }) {
  const language = useLanguage()
  return (
    <div>
      <dt>{titleOf(schema, name, language)}</dt>
      <dd className="numbers">{valueWords(value, schema ?? {}, language)}</dd>
    </div>
  )
}

export function Question({ analysis, parameters, plans, rows }: Props) {
  const t = useWords(words)
  // It may be gone; results stay readable without it.
  const properties = useProcessDocument(analysis).data?.parameters.properties ?? {}
  const entries = Object.entries(parameters)
  const given = entries.filter(([name, value]) => isGiven(value, properties[name]))
  const others = entries.filter(([name]) => !given.some(([one]) => one === name))
  const list = (some: typeof entries) => some.map(([name, value]) => <Parameter key={name} name={name} value={value} schema={properties[name]} />)
  return (
    <section className="result-part">
      <h3>{t('question')}</h3>
      <dl className="facts-list">
        {list(given)}
        {rows.map((row) => (
          <div key={row.title}>
            <dt>{row.title}</dt>
            <dd className="numbers">{row.value}</dd>
          </div>
        ))}
      </dl>
      {others.length > 0 && (
        <Fold title={t('allParameters', { n: others.length })} className="fold-small">
          <dl className="facts-list">{list(others)}</dl>
        </Fold>
      )}
      {plans.map(({ title, plan }) => (
        <div key={title}>
          <h4>{title}</h4>
          <MeasureList plan={plan} />
        </div>
      ))}
    </section>
  )
}
