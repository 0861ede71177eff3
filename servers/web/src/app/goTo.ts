// Where a search result leads: the feature's card and place, or the panel of a plan, run or analysis.
import { showBounds } from '../map/showPlace'
import type { Bounds, SearchResult } from '../server/documents'
import { useAddress } from '../state/address'

const SIDE = 0.0008

/** The box to show: the result's own, or a little around its point. */
function boxOf({ bbox, point }: SearchResult): Bounds | null {
  if (bbox) return bbox
  return point ? [point[0] - SIDE, point[1] - SIDE, point[0] + SIDE, point[1] + SIDE] : null
}

export function goTo(result: SearchResult): void {
  const { go } = useAddress.getState()
  const box = boxOf(result)
  if (result.kind === 'feature') go({ selected: `${result.collection}:${result.id}`, panel: 'feature' }, true)
  if (result.kind === 'plan') go({ plan: result.id, panel: 'plan' }, true)
  if (result.kind === 'run') go({ run: result.id, comparison: '', layer: '', column: '', panel: 'run' }, true)
  if (result.kind === 'analysis') go({ scene: result.id.split('.')[0], analysis: result.id, panel: 'scene' }, true)
  if (box) void showBounds(box)
}
