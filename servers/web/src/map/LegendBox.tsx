// What the colours mean: one legend for each thing the rooms put on the map, and the base map's symbols folded away.
import { useId, useState } from 'react'
import { formatNumber } from '../language/quantities'
import { useLanguage, useText, useWords } from '../language/words'
import { BaseLegend } from './BaseLegend'
import { useMapStore, type Legend } from './mapStore'
import { mapWords } from './mapWords'

function Ramp({ legend }: { legend: Legend }) {
  const language = useLanguage()
  const numbered = legend.stops.filter((stop) => stop.value !== undefined)
  return (
    <>
      <div className="legend-ramp" style={{ background: `linear-gradient(to right, ${legend.stops.map((stop) => stop.color).join(', ')})` }} />
      <div className="legend-ticks numbers">
        {numbered.map((stop, place) => <span key={place}>{formatNumber(stop.value!, language)}</span>)}
      </div>
    </>
  )
}

function Rows({ legend }: { legend: Legend }) {
  const language = useLanguage()
  const text = useText()
  return (
    <ul className="legend-rows numbers">
      {legend.stops.map((stop, place) => (
        <li key={place}>
          <span className="legend-swatch" style={{ background: stop.color }} aria-hidden="true" />
          {stop.label !== undefined ? text(stop.label) : stop.value !== undefined ? formatNumber(stop.value, language) : ''}
        </li>
      ))}
    </ul>
  )
}

function One({ legend }: { legend: Legend }) {
  const text = useText()
  return (
    <section className="legend">
      <h2>
        {text(legend.title)}
        {legend.unit ? <span className="legend-unit"> {legend.unit}</span> : null}
      </h2>
      {legend.kind === 'ramp' ? <Ramp legend={legend} /> : <Rows legend={legend} />}
      {legend.note ? <p className="legend-note">{text(legend.note)}</p> : null}
    </section>
  )
}

export function LegendBox() {
  const t = useWords(mapWords)
  const legends = useMapStore((store) => store.legends)
  const [open, setOpen] = useState(false)
  const body = useId()
  return (
    <div className="legend-box" role="region" aria-label={t('legend')}>
      {Object.keys(legends).sort().map((key) => <One key={key} legend={legends[key]} />)}
      <button type="button" className="legend-toggle" aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
        <span aria-hidden="true">{open ? '▾' : '▸'}</span> {t('baseLegend')}
      </button>
      <div id={body} hidden={!open}>{open && <BaseLegend />}</div>
    </div>
  )
}
