export default function ScenePanel() {
  return null
}
