// Whether the city is shown as it was known at an earlier moment: then nothing can be changed, asked or run from here.
import { useAddress } from './address'

/** True while the address names a version of the city; rooms that change something ask this first. */
export function usePast(): boolean {
  return useAddress((address) => address.at !== '')
}
