// The open result on the map: a run's layer, or a comparison's two sides and their difference.
import { useAddress } from '../state/address'
import { ComparisonOnMap } from './map/ComparisonOnMap'
import { RunOnMap } from './map/RunOnMap'
import './results.css'

export default function ResultsOnMap() {
  const { run, comparison, panel } = useAddress()
  const comparing = comparison !== '' && (panel === 'comparison' || run === '')
  return comparing ? <ComparisonOnMap key={comparison} id={comparison} /> : <RunOnMap key={run} id={run} />
}
