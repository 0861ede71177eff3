export default function RunPanel() {
  return null
}
