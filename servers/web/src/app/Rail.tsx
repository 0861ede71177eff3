// Scenes as their declarations name them, then what is always there. On a phone it lies along the bottom.
import { DatabaseOutlined, HistoryOutlined, ProjectOutlined, SafetyCertificateOutlined } from '@ant-design/icons'
import { Tooltip } from 'antd'
import type { ReactNode } from 'react'
import { useText, useWords } from '../language/words'
import { useScenarios } from '../server/cityQueries'
import type { ScenarioDocument } from '../server/documents'
import { useAddress } from '../state/address'
import { frameWords } from './frameWords'

type ItemProps = { label: string; icon: ReactNode; current: boolean; act: () => void; trouble?: string }

function Item({ label, icon, current, act, trouble }: ItemProps) {
  const button = (
    <button type="button" className={`rail-item${trouble ? ' rail-broken' : ''}`} aria-current={current ? 'page' : undefined} aria-disabled={trouble ? true : undefined} aria-label={trouble ? `${label}: ${trouble}` : undefined} onClick={trouble ? undefined : act}>
      <span className="rail-icon" aria-hidden="true">{icon}</span>
      <span className="rail-label">{label}</span>
    </button>
  )
  return trouble ? <Tooltip title={trouble} placement="right">{button}</Tooltip> : button
}

/** A scene's sign: the first character of its name, so that any scene has one. */
function sign(title: string): ReactNode {
  return <span className="rail-sign">{[...title][0] ?? '?'}</span>
}

export function Rail() {
  const t = useWords(frameWords)
  const text = useText()
  const scenarios = useScenarios()
  const panel = useAddress((address) => address.panel)
  const scene = useAddress((address) => address.scene)
  const go = useAddress((address) => address.go)
  const toggle = (name: string) => go({ panel: panel === name ? '' : name }, true)
  const sceneItem = (one: ScenarioDocument) => {
    const title = text(one.title) || one.slug
    const current = panel === 'scene' && scene === one.slug
    return (
      <Item
        key={one.slug} label={title} icon={sign(title)} current={current}
        act={() => go(current ? { panel: '' } : { panel: 'scene', scene: one.slug, ...(scene === one.slug ? {} : { analysis: '' }) }, true)}
        trouble={one.error ? t('broken', { what: [one.error.what, one.error.remedy].filter(Boolean).join(' — ') }) : undefined}
      />
    )
  }
  return (
    <nav className="rail" aria-label={t('rail')}>
      {scenarios.data?.map(sceneItem)}
      <hr />
      <Item label={t('plans')} icon={<ProjectOutlined />} current={panel === 'plans' || panel === 'plan'} act={() => toggle(panel === 'plan' ? 'plan' : 'plans')} />
      <Item label={t('jobs')} icon={<HistoryOutlined />} current={['jobs', 'run', 'comparison'].includes(panel)} act={() => toggle('jobs')} />
      <Item label={t('layers')} icon={<DatabaseOutlined />} current={panel === 'layers'} act={() => toggle('layers')} />
      <Item label={t('quality')} icon={<SafetyCertificateOutlined />} current={panel === 'quality'} act={() => toggle('quality')} />
    </nav>
  )
}
