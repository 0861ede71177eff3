import { formatInstant } from '../language/instants'
import { useLanguage, useWords } from '../language/words'
import { useCity } from '../server/cityQueries'
import type { SourceDocument } from '../server/documents'
import { featureWords } from './featureWords'

/** Where data comes from, when it came, whom to name. */
export function SourceNote({ source }: { source: SourceDocument | null }) {
  const t = useWords(featureWords)
  const language = useLanguage()
  const zone = useCity().data?.timezone
  if (!source) return <p className="soft">{t('noSource')}</p>
  const rows: [string, string][] = [
    [t('source'), source.uri], [t('attribution'), source.attribution], [t('importer'), source.importer],
    [t('importedAt'), formatInstant(source.imported_at, language, zone)], [t('fingerprint'), source.sha256.slice(0, 12)],
  ]
  return (
    <dl className="facts numbers">
      {rows.filter(([, value]) => value).map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}
