// The moment that is shown: now, or an earlier version of the city.
import { ClockCircleOutlined, HistoryOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { useWords } from '../language/words'
import { useVersions, type CityVersion } from '../server/cityQueries'
import { useCityTime } from '../server/cityTime'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'
import { ProblemNotice } from './ProblemNotice'
import { versionAt } from './versionAt'

function VersionList({ done }: { done: () => void }) {
  const t = useWords(frameWords)
  const versions = useVersions()
  const { instant } = useCityTime()
  const at = useAddress((address) => address.at)
  const go = useAddress((address) => address.go)
  const shown = versionAt(versions.data, at)
  const choose = (chosen: string) => {
    go({ at: chosen }, true)
    done()
  }
  const row = (version: CityVersion) => (
    <li key={version.sequence}>
      <button type="button" aria-current={shown?.sequence === version.sequence} onClick={() => choose(String(version.sequence))}>
        <span className="numbers">{t('version', { n: version.sequence })} · {instant(version.at)}</span>
        <small>{[version.message, version.author].filter(Boolean).join(' · ')}</small>
      </button>
    </li>
  )
  return (
    <ul className="versions" aria-label={t('versions')}>
      <li>
        <button type="button" aria-current={at === ''} onClick={() => choose('')}>{t('newest')}</button>
      </li>
      {versions.error ? <ProblemNotice problem={versions.error} retry={() => void versions.refetch()} /> : null}
      {versions.data?.map(row)}
    </ul>
  )
}

/** The version that is shown, in a word: a link may name it by a time. */
function Shown({ at }: { at: string }) {
  const t = useWords(frameWords)
  const { instant } = useCityTime()
  const version = versionAt(useVersions().data, at)
  return <>{version ? t('version', { n: version.sequence }) : /^\d+$/.test(at) ? t('version', { n: at }) : instant(at)}</>
}

export function VersionPicker() {
  const t = useWords(frameWords)
  const [open, setOpen] = useState(false)
  const at = useAddress((address) => address.at)
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomLeft" title={t('versions')} content={open ? <VersionList done={() => setOpen(false)} /> : null}>
      <Button className="topbar-version" type={at ? 'primary' : 'text'} icon={at ? <HistoryOutlined /> : <ClockCircleOutlined />} aria-expanded={open} aria-haspopup="true">
        {at ? <Shown at={at} /> : t('now')}
      </Button>
    </Popover>
  )
}
