import { useWords } from '../../language/words'
import type { ComparisonDocument } from '../../server/documents'
import { useAddress, writeAddress } from '../../state/address'
import { comparisonWords } from '../comparisonWords'
import { Fold } from './Fold'

const changeTo = (run: string) => ({ panel: 'run', run, comparison: '', layer: '', column: '' })

/** Where a run's link leads, with the view as it is at this moment. */
function hrefOf(run: string): string {
  return `?${writeAddress({ ...useAddress.getState(), ...changeTo(run) })}`
}

/** A link, so that it can be opened beside this page; it is written anew when it is about to be used. */
function RunLink({ run, said, label }: { run: string; said: string; label: string }) {
  const renew = ({ currentTarget }: { currentTarget: HTMLAnchorElement }) => {
    currentTarget.href = hrefOf(run)
  }
  return (
    <a
      href={hrefOf(run)} aria-label={label} onPointerEnter={renew} onPointerDown={renew} onFocus={renew}
      onClick={(event) => {
        if (event.metaKey || event.ctrlKey || event.shiftKey) return
        event.preventDefault()
        useAddress.getState().go(changeTo(run), true)
      }}
    >
      {said}
    </a>
  )
}

/** Links to both runs of every seed. */
export function EachRun({ comparison }: { comparison: ComparisonDocument }) {
  const t = useWords(comparisonWords)
  const seedOf = (place: number) => comparison.seeds[place] ?? place + 1
  return (
    <Fold openedOnly title={t('eachRun')}>
      <ul className="each-run">
        {comparison.runs.map((pair, place) => (
          <li key={place}>
            <span className="numbers">{t('eachSeed', { seed: seedOf(place) })}</span>
            {(['baseline', 'plan'] as const).map((side) => (
              <RunLink key={side} run={pair[side]} said={t(side)} label={t('openRun', { side: t(side), seed: seedOf(place) })} />
            ))}
          </li>
        ))}
      </ul>
    </Fold>
  )
}
