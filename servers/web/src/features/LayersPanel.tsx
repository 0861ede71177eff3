export default function LayersPanel() {
  return null
}
