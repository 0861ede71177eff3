export default function ComparisonPanel() {
  return null
}
