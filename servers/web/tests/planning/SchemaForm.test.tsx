// @vitest-environment jsdom
// A real form in a document: labels, defaults, what is typed, and a scenario that the page never heard of.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query'
import { cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, beforeAll, describe, expect, it, vi } from 'vitest'
import { SchemaForm } from '../../src/planning/forms/SchemaForm'
import type { JsonSchema } from '../../src/server/documents'
import { useAddress } from '../../src/state/address'
import schemas from './schemas.json'

beforeAll(() => {
  globalThis.ResizeObserver ??= class { observe() {} unobserve() {} disconnect() {} } as unknown as typeof ResizeObserver
  window.matchMedia ??= (() => ({ matches: false, addListener() {}, removeListener() {}, addEventListener() {}, removeEventListener() {} })) as unknown as typeof window.matchMedia
})
afterEach(cleanup)

function show(schema: JsonSchema, value = {}, language: 'en' | 'zh' = 'en') {
  useAddress.setState({ language })
  const changed = vi.fn()
  render(
    <QueryClientProvider client={new QueryClient()}>
      <SchemaForm name="test" schema={schema} value={value} onChange={changed} layout={{ open: 30 }} />
    </QueryClientProvider>,
  )
  return changed
}
const simulate = schemas.parameters['traffic.simulate'] as unknown as JsonSchema

describe('form', () => {
  it('labels every control, in both languages', () => {
    for (const language of ['en', 'zh'] as const) {
      show(simulate, {}, language)
      const controls = document.querySelectorAll('input:not([type=hidden]):not([type=radio]), [role=combobox]')
      expect(controls.length).toBeGreaterThan(8)
      for (const control of controls) expect(control.getAttribute('aria-label'), control.outerHTML).toBeTruthy()
      cleanup()
    }
    show(simulate, {}, 'zh')
    expect(screen.getByLabelText('需求系数')).toBeTruthy()
  })

  it('shows defaults and says nothing until something is typed', () => {
    const changed = show(simulate)
    expect((screen.getByLabelText('Iterations') as HTMLInputElement).value).toBe('3')
    expect(changed).not.toHaveBeenCalled()
    fireEvent.change(screen.getByLabelText('Iterations'), { target: { value: '7' } })
    expect(changed).toHaveBeenLastCalledWith({ iterations: 7 }, expect.stringContaining('iterations'))
  })

  it('leaves out what is as by default again', () => {
    const changed = show(simulate, { iterations: 7, warmup_min: 5 })
    fireEvent.change(screen.getByLabelText('Iterations'), { target: { value: '3' } })
    expect(changed).toHaveBeenLastCalledWith({ warmup_min: 5 }, expect.anything())
  })

  it('says beside the field what is wrong', async () => {
    const speed = schemas.measures.find((one) => one.type === 'speed_limit')!.schema as unknown as JsonSchema
    show(speed, { road: 'A', speed_kmh: 300 })
    fireEvent.change(screen.getByLabelText('Speed limit'), { target: { value: '500' } })
    expect(await screen.findByText('At most 120')).toBeTruthy()
  })

  it('is complete for a scenario it never heard of', () => {
    const unheard = {
      type: 'object', required: ['valve'],
      properties: {
        valve: { type: 'string', title: 'Valve', layer: 'valves' }, pressure: { type: 'number', title: 'Pressure', unit: 'Pa', default: 4 },
        open: { type: 'boolean', title: 'Stays open', default: false }, way: { enum: ['in', 'out'], title: 'Way', default: 'in' },
        log: { type: 'string', format: 'path', title: 'Log', input_file: true }, extra: { type: 'object', title: 'Extra' },
        stages: { type: 'array', title: 'Stages', items: { type: 'object', properties: { minutes: { type: 'integer', title: 'Minutes' } } } },
      },
    } as JsonSchema
    show(unheard, { stages: [{ minutes: 5 }] })
    for (const label of ['Valve', 'Pressure', 'Stays open', 'Way', 'Log', 'Extra', 'Minutes']) expect(screen.getAllByLabelText(label).length, label).toBeGreaterThan(0)
    expect(screen.getByText('Pa')).toBeTruthy()
    expect(screen.getByText('Stages')).toBeTruthy()
  })
})
