// What a reader must know before using the figures, and which parts of the plan had no effect.
import { WarningOutlined } from '@ant-design/icons'
import { useWords } from '../../language/words'
import { words } from '../words'
import { UnusedEdits, type Unused } from './UnusedEdits'

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
