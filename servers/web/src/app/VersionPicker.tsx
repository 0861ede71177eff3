// The moment that is shown: now, or an earlier version of the city.
import { ClockCircleOutlined, HistoryOutlined } from '@ant-design/icons'
import { Button, Popover } from 'antd'
import { useState } from 'react'
import { formatInstant } from '../language/instants'
import { useLanguage, useWords } from '../language/words'
import { useCity, useVersions, type CityVersion } from '../server/cityQueries'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'
import { ProblemNotice } from './ProblemNotice'

function VersionList({ done }: { done: () => void }) {
  const t = useWords(frameWords)
  const language = useLanguage()
  const versions = useVersions()
  const zone = useCity().data?.timezone
  const at = useAddress((address) => address.at)
  const go = useAddress((address) => address.go)
  const choose = (chosen: string) => {
    go({ at: chosen }, true)
    done()
  }
  const row = (version: CityVersion) => (
    <li key={version.sequence}>
      <button type="button" aria-current={at === String(version.sequence)} onClick={() => choose(String(version.sequence))}>
        <span className="numbers">{t('version', { n: version.sequence })} · {formatInstant(version.at, language, zone)}</span>
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

export function VersionPicker() {
  const t = useWords(frameWords)
  const [open, setOpen] = useState(false)
  const at = useAddress((address) => address.at)
  return (
    <Popover open={open} onOpenChange={setOpen} trigger="click" placement="bottomLeft" title={t('versions')} content={open ? <VersionList done={() => setOpen(false)} /> : null}>
      <Button className="topbar-version" type={at ? 'primary' : 'text'} icon={at ? <HistoryOutlined /> : <ClockCircleOutlined />} aria-expanded={open} aria-haspopup="true">
        {at ? t('version', { n: at }) : t('now')}
      </Button>
    </Popover>
  )
}
