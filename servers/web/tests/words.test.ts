// Both languages are complete and say the same things: same keys, same values to fill in, Chinese in the Chinese.
import { describe, expect, it } from 'vitest'
import type { Dictionary } from '../src/language/words'

const modules = import.meta.glob<Record<string, unknown>>(['../src/**/*Words.ts', '../src/**/words.ts', '!../src/language/words.ts'], { eager: true })
const isDictionary = (value: unknown): value is Dictionary<string> => typeof value === 'object' && value !== null && 'zh' in value && 'en' in value && typeof value.zh === 'object'
const dictionaries = Object.entries(modules).flatMap(([path, exports]) =>
  Object.entries(exports).filter(([, value]) => isDictionary(value)).map(([name, value]) => [`${path} ${name}`, value as Dictionary<string>] as const),
)
const blanks = (text: string) => (text.match(/\{\w+\}/g) ?? []).sort()

describe('words', () => {
  it('finds the rooms’ dictionaries', () => {
    expect(dictionaries.length).toBeGreaterThan(3)
  })

  it.each(dictionaries)('%s is complete in both languages', (_, { en, zh }) => {
    expect(Object.keys(zh).sort()).toEqual(Object.keys(en).sort())
    for (const key of Object.keys(en)) {
      expect(en[key], key).not.toBe('')
      expect(zh[key], key).not.toBe('')
      // A value left out of one language is a sentence that says less there.
      if (blanks(en[key]).length) expect(blanks(zh[key]), key).toEqual(blanks(en[key]))
    }
  })
})
