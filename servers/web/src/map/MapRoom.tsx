import type { ReactNode } from 'react'

export function MapRoom({ children }: { children?: ReactNode }) {
  return <main className="map">{children}</main>
}
