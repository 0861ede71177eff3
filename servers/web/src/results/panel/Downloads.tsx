// The result to take away: layers, tables, report, picture, receipt.
import { useLanguage, useText, useWords, type Text } from '../../language/words'
import { words } from '../words'

/** Without geometry a layer is a table: no map, no format of maps. */
type Layer = { title: Text | string; base: string; column?: string; plain?: boolean }
type Props = { base: string; layers: Layer[]; tables: { title: Text | string; href: string }[]; receipt?: string; extra?: { title: string; href: string }[] }

const FORMATS = [['gpkg', 'GeoPackage'], ['geojson', 'GeoJSON'], ['csv', 'CSV']] as const

export function Downloads({ base, layers, tables, receipt, extra = [] }: Props) {
  const t = useWords(words)
  const text = useText()
  const language = useLanguage()
  return (
    <section className="result-part downloads">
      <h3>{t('downloads')}</h3>
      <ul>
        <li><a href={`${base}/report?lang=${language}`} target="_blank" rel="noreferrer">{t('report')}</a></li>
        {layers.map((layer) => (
          <li key={layer.base}>
            {text(layer.title)}:{' '}
            {FORMATS.filter(([format]) => !layer.plain || format === 'csv').map(([format, name]) => <a key={format} href={`${layer.base}/export?f=${format}`} download>{name}</a>)}
            {!layer.plain && <a href={`${layer.base}/map.png?${new URLSearchParams({ lang: language, ...(layer.column ? { column: layer.column } : {}) })}`} target="_blank" rel="noreferrer">{t('picture')}</a>}
          </li>
        ))}
        {tables.map((table) => (
          <li key={table.href}>
            {text(table.title)}: <a href={`${table.href}?f=csv`} download>CSV</a>
          </li>
        ))}
        {extra.map((one) => <li key={one.href}><a href={one.href} download>{one.title}</a></li>)}
        {receipt && <li><a href={receipt} target="_blank" rel="noreferrer">{t('receipt')}</a></li>}
      </ul>
    </section>
  )
}
