// What two versions of a plan do not share.
import type { Measure } from '../server/documents'
import { sameContent } from './planContent'

/** Measures of one list that the other has not; one that stands twice counts twice. */
export function onlyIn(list: Measure[], other: Measure[]): Measure[] {
  const rest = [...other]
  return list.filter((measure) => {
    const place = rest.findIndex((one) => sameContent(one, measure))
    if (place >= 0) rest.splice(place, 1)
    return place < 0
  })
}
