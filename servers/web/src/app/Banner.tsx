// Across the page: the server is gone (and tried again), the past is shown, the city has changed.
import { CloseOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { useEffect, useState } from 'react'
import { useWords } from '../language/words'
import { useConnection } from '../server/connection'
import { useVersions } from '../server/cityQueries'
import { useCityTime } from '../server/cityTime'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'
import { useCityChanges } from './useCityChanges'
import { useServerWatch } from './useServerWatch'
import { versionAt } from './versionAt'

/** How long a notice stays that asks for nothing. */
const SHOWN_MS = 8000

function Gone({ since }: { since: number }) {
  const t = useWords(frameWords)
  const { secondsLeft, tryNow } = useServerWatch()
  const time = useCityTime().hour(since)
  return (
    <div className="banner banner-gone" role="alert">
      <span aria-hidden="true">⚠</span>
      {/* The seconds tick for the eye only: read aloud once. */}
      <span className="visually-hidden">{t('gonePlain', { time })}</span>
      <span aria-hidden="true" className="numbers">{secondsLeft > 0 ? t('goneSince', { time, seconds: secondsLeft }) : t('gonePlain', { time })}</span>
      <Button size="small" onClick={tryNow}>{t('tryNow')}</Button>
    </div>
  )
}

function Past({ at }: { at: string }) {
  const t = useWords(frameWords)
  const { instant } = useCityTime()
  const version = versionAt(useVersions().data, at)
  const go = useAddress((address) => address.go)
  return (
    <div className="banner" role="status">
      {version ? t('versionAt', { n: version.sequence, at: instant(version.at) }) : t('momentAt', { at: /^\d+$/.test(at) ? at : instant(at) })} {t('past')}
      <Button size="small" onClick={() => go({ at: '' }, true)}>{t('back')}</Button>
    </div>
  )
}

export function Banner() {
  const t = useWords(frameWords)
  const since = useConnection((connection) => connection.goneSince)
  const at = useAddress((address) => address.at)
  const changed = useCityChanges()
  const [seen, setSeen] = useState(0)
  useEffect(() => {
    const later = setTimeout(() => setSeen(changed), SHOWN_MS)
    return () => clearTimeout(later)
  }, [changed])
  return (
    <>
      {since !== null && <Gone since={since} />}
      {at !== '' && <Past at={at} />}
      {changed > seen && at === '' && (
        <div className="banner banner-quiet" role="status">
          {t('newData', { n: changed })}
          <Button size="small" type="text" aria-label={t('hide')} icon={<CloseOutlined />} onClick={() => setSeen(changed)} />
        </div>
      )}
    </>
  )
}
