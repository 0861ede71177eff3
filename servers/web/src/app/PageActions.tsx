// Share, print, language, theme: side by side at a desk, behind one button on a phone.
import { BulbOutlined, LinkOutlined, MoonOutlined, MoreOutlined, PrinterOutlined, TranslationOutlined } from '@ant-design/icons'
import { Button, Dropdown, Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useWords } from '../language/words'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'
import { printPage } from './printPage'
import { useCopyLink } from './useCopyLink'

type Action = { key: string; label: string; icon: ReactNode; act: () => void }

function useActions(): Action[] {
  const t = useWords(frameWords)
  const share = useCopyLink()
  const language = useAddress((address) => address.language)
  const theme = useAddress((address) => address.theme)
  const go = useAddress((address) => address.go)
  const dark = theme === 'dark'
  return [
    { key: 'share', label: t('share'), icon: <LinkOutlined />, act: () => void share() },
    { key: 'print', label: t('print'), icon: <PrinterOutlined />, act: () => void printPage() },
    { key: 'language', label: language === 'zh' ? t('toEnglish') : t('toChinese'), icon: <TranslationOutlined />, act: () => go({ language: language === 'zh' ? 'en' : 'zh' }) },
    { key: 'theme', label: dark ? t('light') : t('dark'), icon: dark ? <BulbOutlined /> : <MoonOutlined />, act: () => go({ theme: dark ? 'light' : 'dark' }) },
  ]
}

export function PageActions() {
  const t = useWords(frameWords)
  const actions = useActions()
  const items = actions.map(({ key, label, icon }) => ({ key, label, icon }))
  return (
    <div className="topbar-actions">
      <div className="topbar-wide">
        {actions.map((action) => (
          <Tooltip key={action.key} title={action.label}>
            <Button type="text" aria-label={action.label} icon={action.icon} onClick={action.act} />
          </Tooltip>
        ))}
      </div>
      <div className="topbar-narrow">
        <Dropdown trigger={['click']} menu={{ items, onClick: ({ key }) => actions.find((action) => action.key === key)?.act() }}>
          <Button type="text" aria-label={t('more')} icon={<MoreOutlined />} />
        </Dropdown>
      </div>
    </div>
  )
}
