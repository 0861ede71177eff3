// Ant Design in the reader's theme and language.
import { App as Messages, ConfigProvider, theme as themes } from 'antd'
import enGB from 'antd/locale/en_GB'
import zhCN from 'antd/locale/zh_CN'
import { useEffect, type ReactNode } from 'react'
import { useAddress } from '../state/address'

const FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Source Han Sans SC", sans-serif'

export function Themed({ children }: { children: ReactNode }) {
  const theme = useAddress((address) => address.theme)
  const language = useAddress((address) => address.language)
  useEffect(() => {
    document.documentElement.dataset.theme = theme
    document.documentElement.lang = language === 'zh' ? 'zh-CN' : 'en'
  }, [theme, language])
  return (
    <ConfigProvider
      locale={language === 'zh' ? zhCN : enGB}
      button={{ autoInsertSpace: false }}
      theme={{
        algorithm: theme === 'dark' ? themes.darkAlgorithm : themes.defaultAlgorithm,
        token: { colorPrimary: theme === 'dark' ? '#3d8fd1' : '#1d6fa5', colorInfo: theme === 'dark' ? '#3d8fd1' : '#1d6fa5', colorLink: theme === 'dark' ? '#5aa9e6' : '#1d6fa5', borderRadius: 4, fontFamily: FONT, fontSize: 14, motionDurationMid: '0.12s', motionDurationSlow: '0.18s' },
      }}
    >
      <Messages component={false}>{children}</Messages>
    </ConfigProvider>
  )
}
