// A part of the panel that opens and closes; what is inside is made when it is first opened, or printed.
import { useState, type ReactNode } from 'react'
import { usePrinting } from '../usePrinting'

type Props = {
  title: ReactNode
  open?: boolean
  children: ReactNode
  className?: string
  /** On paper only if it was opened before: what it holds is long, or must be asked of the server first. */
  openedOnly?: boolean
}

export function Fold({ title, open = false, children, className = '', openedOnly = false }: Props) {
  const [shown, setShown] = useState(open)
  const [made, setMade] = useState(open)
  const onPaper = usePrinting() && (made || !openedOnly)
  return (
    <details
      className={`fold ${openedOnly && !made ? 'fold-unopened' : ''} ${className}`} open={shown || onPaper}
      onToggle={(event) => {
        if (onPaper) return
        setShown(event.currentTarget.open)
        if (event.currentTarget.open) setMade(true)
      }}
    >
      <summary>{title}</summary>
      {(made || onPaper) && <div className="fold-inside">{children}</div>}
    </details>
  )
}
