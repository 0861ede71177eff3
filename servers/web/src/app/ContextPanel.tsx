// One thing at a time beside the map. Each room brings its panel; it is loaded when it is first wanted.
import { Button, Skeleton } from 'antd'
import { CloseOutlined } from '@ant-design/icons'
import { Suspense, lazy, type ComponentType, type LazyExoticComponent } from 'react'
import { defineWords, useWords } from '../language/words'
import { useAddress } from '../state/address'

const words = defineWords({ close: 'Close panel', panel: 'Details' }, { close: '关闭面板', panel: '详情' })

const PANELS: Record<string, LazyExoticComponent<ComponentType>> = {
  feature: lazy(() => import('../features/FeaturePanel')),
  layers: lazy(() => import('../features/LayersPanel')),
  quality: lazy(() => import('../features/QualityPanel')),
  plans: lazy(() => import('../planning/PlansPanel')),
  plan: lazy(() => import('../planning/PlanPanel')),
  scene: lazy(() => import('../planning/ScenePanel')),
  jobs: lazy(() => import('../planning/JobsPanel')),
  run: lazy(() => import('../results/RunPanel')),
  comparison: lazy(() => import('../results/ComparisonPanel')),
}

export function ContextPanel() {
  const panel = useAddress((address) => address.panel)
  const go = useAddress((address) => address.go)
  const t = useWords(words)
  const Panel = PANELS[panel]
  if (!Panel) return null
  return (
    <aside className="context" aria-label={t('panel')}>
      <Button className="context-close" type="text" aria-label={t('close')} icon={<CloseOutlined />} onClick={() => go({ panel: '' })} />
      <Suspense fallback={<Skeleton active />}>
        <Panel />
      </Suspense>
    </aside>
  )
}
