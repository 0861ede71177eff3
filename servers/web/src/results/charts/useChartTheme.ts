// Charts follow the page's theme; on paper they are light, whatever the screen is.
import { useAddress, type Theme } from '../../state/address'
import { usePrinting } from '../usePrinting'

export function useChartTheme(): Theme {
  const theme = useAddress((address) => address.theme)
  return usePrinting() ? 'light' : theme
}
