// The open result on the map: a run's layer, or a comparison's two sides and their difference.
import { useAddress } from '../state/address'
import { ComparisonOnMap } from './map/ComparisonOnMap'
import { RunOnMap } from './map/RunOnMap'
import './results.css'

export default function ResultsOnMap() {
  // Part by part: with the whole address, each end of a panning and each second of a replay would render this anew.
  const run = useAddress((address) => address.run)
  const comparison = useAddress((address) => address.comparison)
  const panel = useAddress((address) => address.panel)
  const comparing = comparison !== '' && (panel === 'comparison' || run === '')
  return comparing ? <ComparisonOnMap key={comparison} id={comparison} /> : <RunOnMap key={run} id={run} />
}
