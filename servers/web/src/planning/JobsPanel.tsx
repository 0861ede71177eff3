export default function JobsPanel() {
  return null
}
