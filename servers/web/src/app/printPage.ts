// Paper is white: a dark page is shown light while it is printed.
import { useMapStore } from '../map/mapStore'
import { useAddress } from '../state/address'

const LONGEST_WAIT_MS = 4000

/** Until the map has drawn its new colours, or long enough. */
function mapAtRest(): Promise<void> {
  const { map } = useMapStore.getState()
  return new Promise((done) => {
    setTimeout(done, map ? LONGEST_WAIT_MS : 0)
    void map?.once('idle', () => done())
  })
}

export async function printPage(): Promise<void> {
  const { theme, go } = useAddress.getState()
  if (theme === 'light') return window.print()
  go({ theme: 'light' })
  await mapAtRest()
  window.print()
  go({ theme })
}
