// What can be done with the feature: each button adds a measure about it to the open plan.
import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useText, useWords } from '../language/words'
import { useDraft } from '../planning/draft'
import type { Card } from '../server/documents'
import { featureWords } from './featureWords'

/** A measure names the whole structure where there is one: people close a bridge, both carriageways, not one of its six parts. */
export function targetOf(card: Card): string {
  return card.group?.name ?? card.id
}

export function MeasureButtons({ card }: { card: Card }) {
  const t = useWords(featureWords)
  const text = useText()
  const addMeasure = useDraft((draft) => draft.addMeasure)
  if (card.measures.length === 0) return null
  return (
    <section>
      <h3>{t('measures')}</h3>
      <div className="measures">
        {card.measures.map(({ type, title, field }) => (
          <Button key={`${type}-${field}`} icon={<PlusOutlined />} onClick={() => addMeasure({ type, [field]: targetOf(card) })}>{text(title)}</Button>
        ))}
      </div>
      <p className="soft">
        {t('measuresHelp')} {card.group && card.group.members.length > 1 ? t('wholeStructure', { name: card.group.name }) : ''}
      </p>
    </section>
  )
}
