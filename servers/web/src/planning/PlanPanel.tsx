export default function PlanPanel() {
  return null
}
