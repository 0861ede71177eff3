// A link shows a colleague the same thing: whatever the state, reading what was written gives it back.
import { describe, expect, it } from 'vitest'
import { readAddress, writeAddress, type Address } from '../src/state/address'

/** A small generator of its own (mulberry32): the same cases each time. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

const STRANGE = ['', '东水门大桥', 'a&b=c', '50%', 'x y', '#?', 'roads:way/1-2', '+1', 'é', "o'clock", '<script>']

function anyAddress(next: () => number): Address {
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(next() * choices.length)]
  const round = (value: number, digits: number) => Number(value.toFixed(digits)) + 0 // no zero with a minus: a link has none
  return {
    view: next() < 0.2 ? null : {
      longitude: round(next() * 360 - 180, 5), latitude: round(next() * 170 - 85, 5), zoom: round(next() * 22, 2),
      bearing: round(next() * 360 - 180, 1), pitch: round(next() * 80, 1),
    },
    panel: one(['', 'feature', 'plan', 'run']), scene: one(STRANGE), plan: one(STRANGE), run: one(STRANGE), comparison: one(STRANGE),
    layer: one(STRANGE), column: one(STRANGE), side: one(['difference', 'baseline', 'plan', 'swipe', 'beside']), selected: one(STRANGE),
    analysis: one(STRANGE), curve: one(STRANGE), shown: one(['', 'baseline', 'plan', 'both']), speed: one([null, 0.5, 60]), swipe: one([null, 0, 0.123, 1]),
    hidden: one([[], ['roads'], ['roads', 'buildings', 'labels']]), time: one([null, 0, 25_200, 86_400]), at: one(['', '3']),
    terrain: one([true, false]), language: one(['zh', 'en']), theme: one(['light', 'dark']),
  }
}

describe('address', () => {
  it('comes back as it was written, for 500 states', () => {
    const next = random(20)
    for (let round = 0; round < 500; round += 1) {
      const address = anyAddress(next)
      expect(readAddress(`?${writeAddress(address)}`)).toEqual(address)
    }
  })

  it.each(['v=1,2', 'v=a,b,c,d,e', 'v=500,0,1,0,0', 'v=0,0,99,0,0', 'v=0,0,5,0,200', 'v=Infinity,0,1,0,0'])('takes no view from "%s"', (query) => {
    expect(readAddress(query).view).toBeNull()
  })

  it('says whether the ground is raised, whatever this machine would do', () => {
    for (const terrain of [true, false])
      expect(writeAddress({ ...readAddress(''), terrain })).toContain(`terrain=${terrain ? 1 : 0}`)
  })

  it.each(['side=upside', 't=soon', 'who=nobody&speed=0&swipe=2', 'lang=xx&theme=pink', '%E0%A4%A'])('survives "%s"', (query) => {
    const address = readAddress(query)
    expect(address.side).toBe('difference')
    expect([address.time, address.speed, address.swipe, address.shown]).toEqual([null, null, null, ''])
    expect(['zh', 'en']).toContain(address.language)
    expect(['light', 'dark']).toContain(address.theme)
  })
})
