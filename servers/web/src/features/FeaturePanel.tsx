export default function FeaturePanel() {
  return null
}
