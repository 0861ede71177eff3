// @vitest-environment jsdom
import { act, cleanup, render, screen } from '@testing-library/react'
import { afterEach, expect, it, vi } from 'vitest'
import { openFolds, printPage } from '../src/app/printPage'
import { Fold } from '../src/results/panel/Fold'
import { useAddress } from '../src/state/address'

afterEach(cleanup)

it('opens what is folded away before the page is laid out for paper, and closes it again', () => {
  render(<div className="print-panel"><Fold title="more">inside</Fold><Fold title="open" open>shown</Fold></div>)
  expect(screen.queryByText('inside')).toBeNull()
  let close = () => undefined as void
  act(() => void (close = openFolds()))
  expect(screen.getByText('inside').closest('details')!.open).toBe(true)
  close()
  expect(screen.getByText('inside').closest('details')!.open).toBe(false)
  expect(screen.getByText('shown').closest('details')!.open).toBe(true)
})

it('stays light until the paper is printed, then is as dark as before', async () => {
  const print = vi.spyOn(window, 'print').mockImplementation(() => undefined)
  useAddress.setState({ theme: 'dark' })
  await printPage()
  expect(print).toHaveBeenCalledOnce()
  expect(useAddress.getState().theme).toBe('light')
  window.dispatchEvent(new Event('afterprint'))
  expect(useAddress.getState().theme).toBe('dark')
})
