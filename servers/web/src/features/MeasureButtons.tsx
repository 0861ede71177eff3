// What can be done with the feature: each button adds a measure about it to the open plan.
import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useText, useWords } from '../language/words'
import { useDraft } from '../planning/draft'
import { nameForPlan } from '../planning/featureNames'
import type { Card } from '../server/documents'
import { usePast } from '../state/past'
import { featureWords } from './featureWords'

export function MeasureButtons({ card }: { card: Card }) {
  const t = useWords(featureWords)
  const text = useText()
  const addMeasure = useDraft((store) => store.addMeasure)
  const plan = useDraft((store) => (store.current === null ? undefined : store.drafts[store.current]?.history.present))
  const past = usePast()
  if (card.measures.length === 0) return null
  return (
    <section>
      <h3>{t('measures')}</h3>
      <div className="measure-buttons">
        {card.measures.map(({ type, title, field }) => (
          <Button key={`${type}-${field}`} icon={<PlusOutlined />} disabled={past} onClick={() => addMeasure({ type, [field]: nameForPlan(card) })}>{text(title)}</Button>
        ))}
      </div>
      <p className="soft">
        {past ? t('measuresPast') : plan ? t('intoPlan', { plan: plan.title || plan.plan }) : t('intoNew')} {card.group && card.group.members.length > 1 ? t('wholeStructure', { name: card.group.name }) : ''}
      </p>
    </section>
  )
}
