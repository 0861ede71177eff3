export default function ResultsOnMap() {
  return null
}
