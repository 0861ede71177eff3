// Charts follow the page's theme; on paper they are light, whatever the screen is.
import { useEffect, useState } from 'react'
import { flushSync } from 'react-dom'
import { useAddress, type Theme } from '../../state/address'

export function useChartTheme(): Theme {
  const theme = useAddress((address) => address.theme)
  const [printing, setPrinting] = useState(false)
  useEffect(() => {
    // The page is laid out for paper right after the event: the charts must be drawn by then.
    const before = () => flushSync(() => setPrinting(true))
    const after = () => setPrinting(false)
    window.addEventListener('beforeprint', before)
    window.addEventListener('afterprint', after)
    return () => {
      window.removeEventListener('beforeprint', before)
      window.removeEventListener('afterprint', after)
    }
  }, [])
  return printing ? 'light' : theme
}
