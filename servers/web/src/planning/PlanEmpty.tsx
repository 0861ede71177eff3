// No plan is open, or the link names one that is not there: what to do next.
import { PlusOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { Problem } from '../server/client'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { useDraft } from './draft'
import { planWords } from './planWords'

export function PlanEmpty({ fault }: { fault: unknown }) {
  const t = useWords(planWords)
  const go = useAddress((address) => address.go)
  const past = usePast()
  const isGone = fault instanceof Problem && fault.content.status === 404
  const begin = () => {
    useDraft.getState().begin()
    go({ panel: 'plan', plan: '' }, true)
  }
  return (
    <div className="empty">
      <h2>{isGone ? t('notThere') : t('noPlans')}</h2>
      <p>{isGone ? t('notThereNext') : t('noPlansNext')}</p>
      {!isGone && <ProblemNotice problem={fault} />}
      <Button type="primary" icon={<PlusOutlined aria-hidden />} disabled={past} onClick={begin}>{t('newPlan')}</Button>
    </div>
  )
}
