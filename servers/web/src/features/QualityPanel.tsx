export default function QualityPanel() {
  return null
}
