import { formatNumber } from '../../language/quantities'
import { useLanguage, useText, useWords } from '../../language/words'
import type { TableDeclaration } from '../../server/documents'
import { words } from '../words'
import { Fold } from './Fold'
import { TableView } from './TableView'

type Props = { tables: Record<string, { rows: number; href: string }>; declared: Record<string, TableDeclaration> }

/** A result's tables, closed at first; empty ones are named, so that nobody looks for them. */
export function Tables({ tables, declared }: Props) {
  const t = useWords(words)
  const text = useText()
  const language = useLanguage()
  const names = [...Object.keys(declared).filter((name) => name in tables), ...Object.keys(tables).filter((name) => !(name in declared))]
  if (names.length === 0) return null
  const [full, empty] = [names.filter((name) => tables[name].rows > 0), names.filter((name) => tables[name].rows === 0)]
  const titleOf = (name: string) => text(declared[name]?.title ?? name.replaceAll('_', ' '))
  return (
    <section className="result-part">
      <h3>{t('tables')}</h3>
      {full.map((name) => (
        <Fold openedOnly key={name} title={<>{titleOf(name)} <small className="soft numbers">{t('rows', { n: formatNumber(tables[name].rows, language) })}</small></>}>
          <TableView href={tables[name].href} rows={tables[name].rows} declared={declared[name]} />
        </Fold>
      ))}
      {empty.length > 0 && <p className="soft">{empty.map(titleOf).join(language === 'zh' ? '、' : ', ')}: {t('emptyTable')}</p>}
    </section>
  )
}
