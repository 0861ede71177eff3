// A part of the panel that opens and closes; what is inside is made when it is first opened.
import { useState, type ReactNode } from 'react'

type Props = { title: ReactNode; open?: boolean; children: ReactNode; className?: string }

export function Fold({ title, open = false, children, className = '' }: Props) {
  const [shown, setShown] = useState(open)
  const [made, setMade] = useState(open)
  return (
    <details
      className={`fold ${className}`} open={shown}
      onToggle={(event) => {
        setShown(event.currentTarget.open)
        if (event.currentTarget.open) setMade(true)
      }}
    >
      <summary>{title}</summary>
      {made && <div className="fold-inside">{children}</div>}
    </details>
  )
}
