// City and its mark, the moment that is shown, search, and what one does with the whole page.
import { useWords } from '../language/words'
import { useCity } from '../server/cityQueries'
import { frameWords } from './frameWords'
import { PageActions } from './PageActions'
import { SearchBox } from './SearchBox'
import { VersionPicker } from './VersionPicker'

export function TopBar() {
  const t = useWords(frameWords)
  const city = useCity()
  return (
    <header className="topbar">
      <div className="topbar-city">
        <img src="/icon.svg" alt="" width="22" height="22" />
        <h1 title={city.data?.name}>{city.data?.name ?? t('app')}</h1>
        {city.data?.synthetic && <span className="synthetic">{t('synthetic')}</span>}
      </div>
      <VersionPicker />
      <SearchBox />
      <PageActions />
    </header>
  )
}
