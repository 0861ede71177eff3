import { useWords } from '../../language/words'
import type { ComparisonDocument } from '../../server/documents'
import { useAddress, writeAddress } from '../../state/address'
import { comparisonWords } from '../comparisonWords'
import { Fold } from './Fold'

/** Links to both runs of every seed. They are links, so that they can be opened beside this page. */
export function EachRun({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const address = useAddress()
  const change = (run: string) => ({ panel: 'run', run, comparison: '', layer: '', column: '' })
  return (
    <Fold title={t('eachRun')}>
      <ul className="each-run">
        {comparison.runs.map((pair, place) => (
          <li key={place}>
            <span className="numbers">{t('eachSeed', { seed: comparison.seeds[place] ?? place + 1 })}</span>
            {(['baseline', 'plan'] as const).map((side) => (
              <a
                key={side} href={`?${writeAddress({ ...address, ...change(pair[side]) })}`} aria-label={t('openRun', { side: t(side), seed: comparison.seeds[place] ?? place + 1 })}
                onClick={(event) => {
                  if (event.metaKey || event.ctrlKey || event.shiftKey) return
                  event.preventDefault()
                  address.go(change(pair[side]), true)
                }}
              >
                {t(side)}
              </a>
            ))}
          </li>
        ))}
      </ul>
    </Fold>
  )
}
