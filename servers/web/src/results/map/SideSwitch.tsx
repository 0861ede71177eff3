// What of a comparison the map shows.
import { Segmented } from 'antd'
import { useWords } from '../../language/words'
import { useAddress, type Side } from '../../state/address'
import { words } from '../words'

const SIDES: Side[] = ['difference', 'baseline', 'plan', 'swipe', 'beside']

export function SideSwitch() {
  const t = useWords(words)
  const side = useAddress((address) => address.side)
  const go = useAddress((address) => address.go)
  return (
    <div className="side-switch">
      <Segmented<Side>
        aria-label={t('side')} size="small" value={side} onChange={(next) => go({ side: next })}
        options={SIDES.map((one) => ({ value: one, label: t(one) }))}
      />
    </div>
  )
}
