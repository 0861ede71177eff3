// Names a feature of a layer: by search, by a click on the map, or as written.
import { AimOutlined } from '@ant-design/icons'
import type { WidgetProps } from '@rjsf/utils'
import { useQueryClient } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useDeferredValue, useEffect, useMemo, useRef, useState } from 'react'
import { useText, useWords } from '../../language/words'
import { pickOnMap, useMap } from '../../map/mapStore'
import { cardQuery } from '../../server/cardQuery'
import { nameForPlan, useFeatureName, useFeatureSearch } from '../featureNames'
import { formsWords } from './formsWords'

type Option = { value: string; label: string; detail: string }

/** Wait for a click on the map; Esc, or asking again, gives up. */
function usePick(layer: string, take: (id: string) => void) {
  const map = useMap()
  const [active, setActive] = useState(false)
  const stop = useRef<(() => void) | null>(null)
  const latest = useRef(take)
  useEffect(() => void (latest.current = take))
  useEffect(() => () => stop.current?.(), [])
  const end = () => {
    stop.current?.()
    stop.current = null
    setActive(false)
  }
  const begin = () => {
    setActive(true)
    const taken = (id: string) => {
      end()
      latest.current(id)
    }
    stop.current = pickOnMap({ collection: layer, take: ({ id }) => taken(id), cancel: () => setActive(false) })
  }
  return { active, possible: map !== null, toggle: active ? end : begin }
}

export function FeatureWidget({ id, value, onChange, options, label, disabled }: WidgetProps) {
  const t = useWords(formsWords)
  const layer = String(options.layer)
  const written = typeof value === 'string' ? value : ''
  const queries = useQueryClient()
  const named = useFeatureName(layer, written)
  /** A picked or found feature: a structure is named as a whole. */
  const choose = async (feature: string) => {
    onChange(feature)
    const card = await queries.fetchQuery({ ...cardQuery(layer, feature), staleTime: 60_000 }).catch(() => null)
    if (card && nameForPlan(card) !== feature) onChange(nameForPlan(card))
  }
  const picking = usePick(layer, (feature) => void choose(feature))
  const isPart = named.street !== null && named.street !== written
  return (
    <div className="feature-choice">
      <div className="feature-choice-row">
        <FeatureSearch id={id} layer={layer} label={label} value={written} title={named.title} disabled={disabled}
          choose={(text) => onChange(text || undefined)} />
        <Button
          icon={<AimOutlined />} aria-pressed={picking.active} type={picking.active ? 'primary' : 'default'}
          title={t('pick')} aria-label={`${t('pick')}: ${label}`} disabled={!picking.possible || disabled}
          onClick={picking.toggle}
        />
      </div>
      <div className="feature-choice-hint" aria-live="polite">
        {picking.active && <span>{t('picking')}</span>}
        {!picking.active && isPart && (
          <Button type="link" size="small" onClick={() => onChange(named.street)}>{t('wholeStreet', { name: named.street ?? '' })}</Button>
        )}
      </div>
    </div>
  )
}

type SearchProps = {
  id: string; layer: string; label: string; value: string; title: string; disabled?: boolean
  choose: (text: string) => void
}

function FeatureSearch({ id, layer, label, value, title, disabled, choose }: SearchProps) {
  const t = useWords(formsWords)
  const textOf = useText()
  const [typed, setTyped] = useState('')
  const asked = useDeferredValue(typed)
  const { data, isFetching } = useFeatureSearch(layer, asked)
  const found = useMemo(() => {
    // a street or structure is found once and named as a whole
    const results = (data ?? []).map((one): Option => ({ value: one.title, label: one.title, detail: textOf(one.subtitle) }))
    const once = [...new Map(results.map((one) => [one.value, one])).values()]
    const text = typed.trim()
    const isNew = text !== '' && !once.some((one) => one.value === text)
    return isNew ? [...once, { value: text, label: t('keepWritten', { text }), detail: '' }] : once
  }, [data, typed, textOf, t])
  return (
    <Select<string, Option>
      id={id} className="feature-choice-search" aria-label={label} disabled={disabled} allowClear loading={isFetching}
      value={value || undefined} placeholder={t('searchFor')} options={found} labelRender={() => title}
      showSearch={{ filterOption: false, searchValue: typed, onSearch: setTyped }}
      notFoundContent={typed ? t('noneFound') : t('typeToSearch')}
      optionRender={(option) => (
        <span className="feature-choice-option">{option.data.label}{option.data.detail && <small>{option.data.detail}</small>}</span>
      )}
      onChange={(chosen) => {
        setTyped('')
        choose(chosen ?? '')
      }}
    />
  )
}
