// Two people edited one plan: both versions side by side, and three ways on. Nothing is lost on any of them.
import { Button } from 'antd'
import { useWords } from '../language/words'
import type { PlanDocument } from '../server/documents'
import type { Draft } from './draft'
import { MeasureLines } from './MeasureLines'
import { onlyIn } from './planDifference'
import { titleOf } from './planNames'
import { planWords } from './planWords'
import type { SavingDoor } from './useSaving'

type Props = { draft: Draft; newest: PlanDocument; door: SavingDoor }

export function ConflictNotice({ draft, newest, door }: Props) {
  const t = useWords(planWords)
  const mine = draft.history.present
  const [onlyMine, onlyTheirs] = [onlyIn(mine.measures, newest.plan.measures), onlyIn(newest.plan.measures, mine.measures)]
  const by = newest.author ? ` (${newest.author})` : ''
  return (
    <section className="notice conflict" role="alert" aria-label={t('conflict')}>
      <h3>{t('conflict')}</h3>
      <p>{t('conflictText', { mine: draft.version ?? 0, theirs: newest.version, by })}</p>
      <div className="conflict-sides">
        <div>
          <h4>{t('yours')}</h4>
          <p>{mine.title || mine.plan}</p>
          <MeasureLines measures={onlyMine} mark={t('onlyYours')} />
        </div>
        <div>
          <h4>{t('theirs', { number: newest.version })}</h4>
          <p>{titleOf(newest)}</p>
          <MeasureLines measures={onlyTheirs} mark={t('onlyTheirs')} />
        </div>
      </div>
      {onlyMine.length + onlyTheirs.length === 0 && <p className="soft">{t('sameMeasures')}</p>}
      <div className="conflict-ways">
        <Button type="primary" onClick={() => door.saveAsNew(t('mineTitle', { title: mine.title || mine.plan }))}>{t('saveAsNew')}</Button>
        <Button onClick={() => door.takeTheirs(newest)}>{t('takeTheirs')}</Button>
        <Button onClick={() => door.overwrite(newest)} title={t('overwriteHint')}>{t('overwrite')}</Button>
      </div>
      <p className="soft">{t('overwriteHint')}</p>
    </section>
  )
}
