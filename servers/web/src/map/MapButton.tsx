import { Tooltip } from 'antd'
import type { ReactNode } from 'react'

/** A button on the map: a sign, with its name for those who do not know it. */
export function MapButton({ label, pressed, act, children }: { label: string; pressed?: boolean; act: () => void; children: ReactNode }) {
  return (
    <Tooltip title={label} placement="left">
      <button type="button" aria-label={label} aria-pressed={pressed} onClick={act}>{children}</button>
    </Tooltip>
  )
}
