// An earlier version of the city is shown: nothing is edited, checked or run here, because all of that holds for now.
import { Button } from 'antd'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { usePast } from '../state/past'
import { planWords } from './planWords'

export function PastNotice({ what }: { what: 'plan' | 'scene' }) {
  const t = useWords(planWords)
  const go = useAddress((address) => address.go)
  if (!usePast()) return null
  return (
    <div className="notice" role="note">
      <p>{t(what === 'plan' ? 'pastPlan' : 'pastScene')}</p>
      <Button size="small" onClick={() => go({ at: '' }, true)}>{t('backToNow')}</Button>
    </div>
  )
}
