// Ant Design in the reader's theme and language.
import { App as Messages, ConfigProvider, theme as themes } from 'antd'
import enGB from 'antd/locale/en_GB'
import zhCN from 'antd/locale/zh_CN'
import { useEffect, type ReactNode } from 'react'
import { useAddress } from '../state/address'
import { prefersStillness } from '../state/graphics'

const FONT = 'system-ui, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "Source Han Sans SC", sans-serif'

/** Every text reaches a contrast of 4.5, also under the pointer. */
const COLOURS = {
  light: {
    colorPrimary: '#1d6fa5', colorPrimaryHover: '#185d8b', colorInfo: '#1d6fa5', colorLink: '#1d6fa5', colorLinkHover: '#155a87',
    colorTextPlaceholder: '#66727f',
  },
  dark: { colorPrimary: '#3d8fd1', colorInfo: '#3d8fd1', colorLink: '#5aa9e6', colorLinkHover: '#8cc6f2', colorTextPlaceholder: '#93a1ae' },
}
/** White stands on filled buttons in both themes. */
const BUTTONS = { light: {}, dark: { colorPrimary: '#2a73ae', colorPrimaryHover: '#306fa3', colorPrimaryActive: '#22618f' } }

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
        token: { ...COLOURS[theme], borderRadius: 4, fontFamily: FONT, fontSize: 14, motionDurationMid: '0.12s', motionDurationSlow: '0.18s', motion: !prefersStillness() },
        components: { Button: BUTTONS[theme] },
      }}
    >
      <Messages component={false}>{children}</Messages>
    </ConfigProvider>
  )
}
