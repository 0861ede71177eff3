// The rooms' panels. Each is code of its own, fetched when first wanted, or in a quiet moment after the map has been drawn.
import type { ComponentType } from 'react'

type Loader = () => Promise<{ default: ComponentType }>

export const PANELS: Record<string, Loader> = {
  feature: () => import('../features/FeaturePanel'),
  layers: () => import('../features/LayersPanel'),
  quality: () => import('../features/QualityPanel'),
  plans: () => import('../planning/PlansPanel'),
  plan: () => import('../planning/PlanPanel'),
  scene: () => import('../planning/ScenePanel'),
  jobs: () => import('../planning/JobsPanel'),
  run: () => import('../results/RunPanel'),
  comparison: () => import('../results/ComparisonPanel'),
}

/** What panels, results and the replay fetch for themselves when they first draw. */
const AHEAD: (() => Promise<unknown>)[] = [
  () => import('../results/ResultsOnMap'),
  () => import('../replay/Timeline'),
  () => import('../results/charts/echarts'),
]

const here = new Map<string, ComponentType>()

/** A panel whose code is here already: it is drawn at once, where a lazy one would wait 300 ms behind its placeholder. */
export function panelAtHand(name: string): ComponentType | undefined {
  return here.get(name)
}

/** Fetch a panel's code. */
export async function fetchPanel(name: string): Promise<{ default: ComponentType }> {
  const found = await PANELS[name]()
  here.set(name, found.default)
  return found
}

const WHEN_QUIET_MS = 3000

/** Fetch panels, charts and replay ahead, one after another: then a click opens one at once, even while the server is away. */
export function fetchPanelsWhenQuiet(): () => void {
  let stopped = false
  const later = setTimeout(async () => {
    const panels = Object.keys(PANELS).map((name) => () => fetchPanel(name))
    for (const load of [...panels, ...AHEAD]) {
      if (stopped) return
      await load().catch(() => undefined) // asked for again, and told about, when it is wanted
    }
  }, WHEN_QUIET_MS)
  return () => {
    stopped = true
    clearTimeout(later)
  }
}
