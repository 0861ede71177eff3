// Which result layer and which of its columns lies on the map.
import { Select } from 'antd'
import { shownUnit } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { Declaration } from '../../server/documents'
import { useAddress } from '../../state/address'
import { NOTHING, columnOf, drawableLayers, type Choice } from '../layerChoice'
import { words } from '../words'

type Props<L extends { rows: number }> = { layers: Record<string, L>; declaration: Declaration; columns: (layer: L) => string[]; choice: Choice }

export function LayerChooser<L extends { rows: number }>({ layers, declaration, columns, choice }: Props<L>) {
  const t = useWords(words)
  const text = useText()
  const language = useLanguage()
  const go = useAddress((address) => address.go)
  const names = drawableLayers(layers, declaration, columns)
  const empty = Object.keys(layers).filter((name) => layers[name].rows === 0)
  const titleOf = (name: string) => text(declaration.layers[name]?.title ?? name)
  const columnTitle = (column: string) => {
    const declared = columnOf(declaration.layers[choice!.layer]?.columns, column)
    const unit = shownUnit(declared.unit, language)
    return unit ? `${text(declared.title)} (${unit})` : text(declared.title)
  }
  return (
    <section className="result-part">
      <h3>{t('onMap')}</h3>
      {names.length === 0 && <p className="soft">{t('noLayers')}</p>}
      {names.length > 0 && (
        <div className="layer-chooser">
          <label>
            <span>{t('layer')}</span>
            <Select
              size="small" aria-label={t('layer')} value={choice?.layer ?? NOTHING} onChange={(layer) => go({ layer, column: '' })}
              options={[...names.map((name) => ({ value: name, label: titleOf(name) })), { value: NOTHING, label: t('nothingShown') }]}
            />
          </label>
          {choice && (
            <label>
              <span>{t('column')}</span>
              <Select
                size="small" aria-label={t('column')} value={choice.column} onChange={(column) => go({ layer: choice.layer, column })}
                options={columns(layers[choice.layer]).map((column) => ({ value: column, label: columnTitle(column) }))}
              />
            </label>
          )}
        </div>
      )}
      {empty.length > 0 && (
        <ul className="soft empty-layers">
          {empty.map((name) => <li key={name}>{titleOf(name)}: {t('noRows')}</li>)}
        </ul>
      )}
    </section>
  )
}
