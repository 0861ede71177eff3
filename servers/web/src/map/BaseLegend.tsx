// The base map's own symbols, drawn with its own colours.
import type { ReactNode } from 'react'
import { useWords } from '../language/words'
import { useCollections } from '../server/cityQueries'
import { useAddress } from '../state/address'
import { mapWords } from './mapWords'
import { PALETTES, type Palette } from './palette'

type Symbol = { key: 'road' | 'bridge' | 'tunnel' | 'stairs' | 'walkway' | 'rail' | 'water' | 'building' | 'poi'; of: string; draw: (palette: Palette) => ReactNode }

const stroke = (color: string, width: number, dash?: string) => <line x1="0" x2="34" y1="8" y2="8" stroke={color} strokeWidth={width} strokeDasharray={dash} />
const cased = (casing: string, fill: string, width: number, dash?: string) => (
  <>
    {stroke(casing, width + 3, dash)}
    {stroke(fill, width)}
  </>
)
const SYMBOLS: Symbol[] = [
  { key: 'road', of: 'roads', draw: (palette) => cased(palette.casingMajor, palette.roadMajor, 6) },
  { key: 'bridge', of: 'roads', draw: (palette) => cased(palette.bridgeCasing, palette.roadMajor, 6) },
  { key: 'tunnel', of: 'roads', draw: (palette) => cased(palette.casing, palette.tunnel, 6, '5 3') },
  { key: 'walkway', of: 'walkways', draw: (palette) => stroke(palette.walk, 2, '6 3') },
  { key: 'stairs', of: 'walkways', draw: (palette) => stroke(palette.stairs, 7, '2 2') },
  { key: 'rail', of: 'rail', draw: (palette) => <>{stroke(palette.rail, 5)}{stroke(palette.railGap, 3, '6 6')}</> },
  { key: 'water', of: 'water', draw: (palette) => <rect width="34" height="14" y="1" fill={palette.water} stroke={palette.shore} /> },
  { key: 'building', of: 'buildings', draw: (palette) => <rect width="34" height="14" y="1" fill={palette.building} stroke={palette.buildingLine} /> },
  { key: 'poi', of: 'pois', draw: (palette) => <circle cx="17" cy="8" r="5" fill={palette.poi} stroke={palette.halo} /> },
]

export function BaseLegend() {
  const t = useWords(mapWords)
  const theme = useAddress((address) => address.theme)
  const collections = useCollections()
  const present = new Set(collections.data?.map((one) => one.id))
  return (
    <ul className="legend-rows legend-base">
      {SYMBOLS.filter((one) => present.has(one.of)).map((one) => (
        <li key={one.key}>
          <svg width="34" height="16" aria-hidden="true" style={{ background: PALETTES[theme].land }}>{one.draw(PALETTES[theme])}</svg>
          {t(one.key)}
        </li>
      ))}
    </ul>
  )
}
