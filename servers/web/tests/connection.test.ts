import { beforeEach, describe, expect, it } from 'vitest'
import { versionAt } from '../src/app/versionAt'
import { inLines } from '../src/map/mapImage'
import { isUnanswered, useConnection } from '../src/server/connection'

describe('the connection', () => {
  beforeEach(() => useConnection.setState({ goneSince: null, returns: 0 }))

  it('counts a return once, however many answers follow', () => {
    const { lost, found } = useConnection.getState()
    found()
    lost()
    lost()
    found()
    found()
    expect(useConnection.getState()).toMatchObject({ goneSince: null, returns: 1 })
  })

  it.each([
    [{ message: 'Failed to fetch' }, true], [{ message: 'AJAXError: (503)', status: 503 }, true], [{ message: 'AJAXError: (0)', status: 0 }, true],
    [{ message: 'AJAXError: Bad Request (400)', status: 400 }, false], [{ message: 'AJAXError: (500)', status: 500 }, false], [{ message: 'no such layer' }, false],
  ])('knows of %o whether nobody answered', (fault, gone) => {
    expect(isUnanswered(fault)).toBe(gone)
  })
})

describe('the version that an address means', () => {
  const versions = [3, 2, 1].map((sequence) => ({ sequence, at: `2026-11-0${sequence}T08:00:00Z`, author: '', message: '' }))
  it.each([
    ['2', 2], ['9', undefined], ['2026-11-02T20:00:00+08:00', 2], ['2026-11-02T07:00:00Z', 1], ['2030-01-01T00:00:00Z', 3], ['2020-01-01T00:00:00Z', undefined],
    ['yesterday', undefined], ['', undefined],
  ])('of "%s" is %s', (at, sequence) => {
    expect(versionAt(versions, at)?.sequence).toBe(sequence)
  })
})

describe('sources on a saved picture', () => {
  const lines = (texts: string[], room: number) => inLines(texts, room, (text) => text.length)
  it('stand in as many lines as they need, and nothing is cut', () => {
    expect(lines(['one', 'two', 'three four'], 10)).toEqual(['one · two', 'three four'])
    expect(lines(['a much longer source'], 10)).toEqual(['a much', 'longer', 'source'])
    expect(lines(['由程序生成的数据并非真实'], 5)).toEqual(['由程序生成', '的数据并非', '真实'])
    expect(lines([], 10)).toEqual([])
  })
})
