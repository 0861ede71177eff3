// How a result was made: the facts it carries, as a tree that opens where one wants to look.
import { formatNumber } from '../../language/quantities'
import { useLanguage, useWords, type Language } from '../../language/words'
import { words } from '../words'
import { Fold } from './Fold'

const LONG = 60

function isBranch(value: unknown): value is Record<string, unknown> | unknown[] {
  return typeof value === 'object' && value !== null && Object.keys(value).length > 0
}

function leaf(value: unknown, language: Language, yes: string, no: string): string {
  if (typeof value === 'number') return formatNumber(value, language)
  if (typeof value === 'boolean') return value ? yes : no
  return value === null || value === undefined || typeof value === 'object' ? '–' : String(value)
}

/** A plain list reads better in one line. */
function isShortList(value: unknown): value is (string | number)[] {
  return Array.isArray(value) && value.every((part) => typeof part !== 'object') && value.join(', ').length < LONG
}

function Fact({ name, value }: { name: string; value: unknown }) {
  const language = useLanguage()
  const t = useWords(words)
  const title = name.replaceAll('_', ' ')
  const show = (one: unknown) => leaf(one, language, t('yes'), t('no'))
  if (isBranch(value) && !isShortList(value))
    return (
      <Fold openedOnly title={title} className="fold-small">
        <FactsTree facts={value} />
      </Fold>
    )
  return (
    <div className="fact">
      <span>{title}</span>
      <span className="numbers">{isShortList(value) ? value.map(show).join(', ') : show(value)}</span>
    </div>
  )
}

export function FactsTree({ facts }: { facts: Record<string, unknown> | unknown[] }) {
  const entries = Array.isArray(facts) ? facts.map((value, place) => [String(place + 1), value] as const) : Object.entries(facts)
  return <div className="facts-tree">{entries.map(([name, value]) => <Fact key={name} name={name} value={value} />)}</div>
}
