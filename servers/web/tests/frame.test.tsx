// @vitest-environment jsdom
import { act, cleanup, fireEvent, render, screen } from '@testing-library/react'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { ProblemNotice } from '../src/app/ProblemNotice'
import { RoomBoundary } from '../src/app/RoomBoundary'
import { Problem } from '../src/server/client'
import { useAddress } from '../src/state/address'

afterEach(cleanup)

describe('ProblemNotice', () => {
  it('says what, where and the remedy, and offers to try again', () => {
    useAddress.setState({ language: 'en' })
    const retry = vi.fn()
    const problem = new Problem({ status: 422, code: 'plan.unknown_name', what: 'nothing is called 东水大桥', where: 'layer roads', got: '东水大桥', remedy: 'use 东水门大桥' })
    render(<ProblemNotice problem={problem} retry={retry} />)
    const text = screen.getByRole('alert').textContent
    for (const part of ['nothing is called', 'layer roads', 'use 东水门大桥']) expect(text).toContain(part)
    fireEvent.click(screen.getByRole('button'))
    expect(retry).toHaveBeenCalledOnce()
  })

  it('speaks the reader’s language about a server that is gone', () => {
    act(() => useAddress.setState({ language: 'zh' }))
    render(<ProblemNotice problem={new Problem({ status: 0, code: 'page.server_gone', what: 'x', remedy: 'y' })} />)
    expect(screen.getByRole('alert').textContent).toContain('服务器没有响应')
  })

  it.each([[new Error('boom'), 'boom'], [{ what: 'bad plan' }, 'bad plan'], ['plain', 'plain']])('tells %s', (problem, told) => {
    render(<ProblemNotice problem={problem} />)
    expect(screen.getByRole('alert').textContent).toContain(told)
  })

  it('shows nothing where nothing is wrong', () => {
    const { container } = render(<ProblemNotice problem={null} />)
    expect(container.textContent).toBe('')
  })
})

describe('RoomBoundary', () => {
  it('keeps a failing room to itself, and tries it again', () => {
    const quiet = vi.spyOn(console, 'error').mockImplementation(() => undefined)
    let broken = true
    function Room() {
      if (broken) throw new Error('Failed to fetch dynamically imported module: x.js')
      return <p>room</p>
    }
    act(() => useAddress.setState({ language: 'en' }))
    const retry = vi.fn()
    render(
      <>
        <p>map</p>
        <RoomBoundary room="plan" retry={retry}>
          <Room />
        </RoomBoundary>
      </>,
    )
    expect(screen.getByText('map')).toBeTruthy()
    expect(screen.getByRole('alert').textContent).toContain('could not be fetched')
    broken = false
    fireEvent.click(screen.getByRole('button'))
    expect(retry).toHaveBeenCalledOnce()
    expect(screen.getByText('room')).toBeTruthy()
    quiet.mockRestore()
  })
})
