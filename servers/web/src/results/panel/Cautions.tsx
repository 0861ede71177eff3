// What a reader must know before using the figures, and which parts of the plan had no effect.
import { WarningOutlined } from '@ant-design/icons'
import { useWords } from '../../language/words'
import type { UnusedEdit } from '../../server/documents'
import { words } from '../words'
import { plainValue } from './planWords'

type Unused = { side: string | null; edits: UnusedEdit[] }

function UnusedEdits({ unused }: { unused: Unused[] }) {
  const t = useWords(words)
  const sides = unused.filter((one) => one.edits.length > 0)
  if (sides.length === 0) return null
  const count = sides.reduce((sum, one) => sum + one.edits.length, 0)
  return (
    <div className="caution">
      <h3>{t('unused', { n: count })}</h3>
      <p>{t('unusedHelp')}</p>
      {sides.map(({ side, edits }) => (
        <div key={side ?? ''}>
          {side && <h4>{side}</h4>}
          <ul>
            {edits.map((edit, place) => (
              <li key={place}>
                {edit.target}: {plainValue(edit.fields)}
                {(edit.from || edit.to) && <span className="numbers"> {edit.from ?? ''}–{edit.to ?? ''}</span>}
                {edit.reason && <em>{edit.reason}</em>}
              </li>
            ))}
          </ul>
        </div>
      ))}
    </div>
  )
}

export function Cautions({ warnings, unused }: { warnings: string[]; unused: Unused[] }) {
  const t = useWords(words)
  if (warnings.length === 0 && unused.every((one) => one.edits.length === 0)) return null
  return (
    <section className="result-part cautions" aria-label={t('cautions')}>
      {warnings.length > 0 && (
        <div className="caution">
          <h3><WarningOutlined aria-hidden /> {t('cautions')}</h3>
          <ul>{warnings.map((warning) => <li key={warning}>{warning}</li>)}</ul>
        </div>
      )}
      <UnusedEdits unused={unused} />
    </section>
  )
}
