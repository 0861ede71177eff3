// "Add a measure": kinds by scenario.
import { PlusOutlined } from '@ant-design/icons'
import { Button, Dropdown, type MenuProps } from 'antd'
import { useMemo, useState } from 'react'
import { useText, useWords } from '../language/words'
import type { MeasureDocument, Measure } from '../server/documents'
import { planWords } from './planWords'

/** A measure as it begins: what its form needs is still missing. */
export function freshMeasure(type: MeasureDocument): Measure {
  return { type: type.type }
}

export function AddMeasure({ types, onAdd }: { types: Map<string, MeasureDocument>; onAdd: (measure: Measure) => void }) {
  const t = useWords(planWords)
  const textOf = useText()
  const [open, setOpen] = useState(false)
  const items = useMemo((): MenuProps['items'] => {
    const scenarios = new Map<string, MeasureDocument[]>()
    for (const type of types.values()) scenarios.set(type.scenario, [...(scenarios.get(type.scenario) ?? []), type])
    return [...scenarios].map(([slug, group]) => ({
      key: slug, type: 'group' as const, label: textOf(group[0].scenario_titles) || slug,
      children: group.map((type) => ({ key: type.type, label: textOf(type.title) })),
    }))
  }, [types, textOf])
  const add: MenuProps['onClick'] = ({ key }) => {
    setOpen(false)
    const type = types.get(key)
    if (type) onAdd(freshMeasure(type))
  }
  return (
    <Dropdown autoFocus menu={{ items, onClick: add }} trigger={['click']} open={open} onOpenChange={setOpen} disabled={types.size === 0}>
      <Button icon={<PlusOutlined aria-hidden />} aria-haspopup="menu" aria-expanded={open}>{t('addMeasure')}</Button>
    </Dropdown>
  )
}
