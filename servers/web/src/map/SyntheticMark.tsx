import { useWords } from '../language/words'
import { mapWords } from './mapWords'

/** Says that the data is made up; plain, never hidden. */
export function SyntheticMark() {
  const t = useWords(mapWords)
  return (
    <span className="synthetic" title={t('syntheticHelp')}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true"><path d="M6 1 11 10.5H1Z" fill="none" stroke="currentColor" strokeWidth="1.4" /></svg>
      {t('synthetic')}
    </span>
  )
}
