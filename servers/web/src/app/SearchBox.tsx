// One box for everything that has a name; "/" puts the cursor in it.
import { SearchOutlined } from '@ant-design/icons'
import { AutoComplete, Input } from 'antd'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { useEffect, useMemo, useRef, useState } from 'react'
import { useLanguage, useWords } from '../language/words'
import { getJson } from '../server/client'
import type { SearchResult } from '../server/documents'
import { frameWords } from './frameWords'
import { goTo } from './goTo'
import { isTyping } from './isTyping'
import { tellProblem } from './ProblemNotice'

const KINDS = ['feature', 'plan', 'run', 'analysis'] as const
const TYPING_MS = 120
const NONE: SearchResult[] = []

function useSearch(typed: string) {
  const [query, setQuery] = useState('')
  useEffect(() => {
    const later = setTimeout(() => setQuery(typed.trim()), TYPING_MS)
    return () => clearTimeout(later)
  }, [typed])
  return useQuery({
    queryKey: ['search', query], enabled: query !== '', placeholderData: keepPreviousData,
    queryFn: async ({ signal }) => (await getJson<{ results: SearchResult[] }>(`/api/search?q=${encodeURIComponent(query)}&limit=20`, signal)).results,
  })
}

export function SearchBox() {
  const t = useWords(frameWords)
  const language = useLanguage()
  const [typed, setTyped] = useState('')
  const box = useRef<{ focus: () => void; blur: () => void }>(null)
  const { data, isFetching, error } = useSearch(typed)
  useEffect(() => {
    const key = (event: KeyboardEvent) => {
      if (event.key !== '/' || event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      event.preventDefault()
      box.current?.focus()
    }
    window.addEventListener('keydown', key)
    return () => window.removeEventListener('keydown', key)
  }, [])
  const results = typed.trim() ? (data ?? NONE) : NONE
  const options = useMemo(
    () =>
      KINDS.map((kind) => ({ kind, found: results.filter((result) => result.kind === kind) }))
        .filter(({ found }) => found.length > 0)
        .map(({ kind, found }) => ({
          label: <span>{frameWords[language][kind]}</span>,
          options: found.map((result) => ({
            value: `${result.kind}|${result.collection ?? ''}|${result.id}`,
            label: (
              <span className="search-row">
                <span className="search-title">{result.title}</span>
                <small>{result.subtitle[language]}</small>
              </span>
            ),
          })),
        })),
    [results, language],
  )
  const select = (value: string) => {
    const chosen = results.find((result) => `${result.kind}|${result.collection ?? ''}|${result.id}` === value)
    if (!chosen) return
    setTyped('')
    box.current?.blur()
    goTo(chosen)
  }
  const empty = error ? tellProblem(error).what : isFetching ? t('searching') : t('nothing')
  return (
    <search className="topbar-search">
      <AutoComplete
        ref={box as never} value={typed} options={options} onChange={(value: string) => !value.includes('|') && setTyped(value)} onSelect={select}
        defaultActiveFirstOption notFoundContent={typed.trim() ? empty : null} popupMatchSelectWidth={360} style={{ width: '100%' }}
      >
        <Input prefix={<SearchOutlined />} suffix={<kbd className="topbar-wide">/</kbd>} placeholder={t('searchShort')} aria-label={t('search')} allowClear />
      </AutoComplete>
    </search>
  )
}
