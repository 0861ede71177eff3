// What the city lacks for an analysis, and what to do about it.
import { useLanguage, useText, useWords } from '../language/words'
import type { ProcessSummary } from '../server/documents'
import { askWords } from './askWords'

/** Names of what is missing, in the reader's language. */
export function useMissing() {
  const textOf = useText()
  const separator = useLanguage() === 'zh' ? '、' : ', '
  return (process: Pick<ProcessSummary, 'missing' | 'missing_titles'>) =>
    (process.missing ?? []).map((name, place) => textOf(process.missing_titles?.[place]) || name).join(separator)
}

export function MissingNeeds({ process }: { process: ProcessSummary }) {
  const t = useWords(askWords)
  const missing = useMissing()
  if (!process.missing?.length) return null
  return (
    <div className="notice" role="note">
      <p><strong>{t('missing')}</strong></p>
      <p>{t('missingWhat', { what: missing(process) })}</p>
      <p>{t('missingRemedy')}</p>
    </div>
  )
}
