// A room that fails takes nothing else with it: it says so in its place, and can be tried again.
import { Component, type ReactNode } from 'react'
import { useWords } from '../language/words'
import { frameWords } from './frameWords'
import { ProblemNotice } from './ProblemNotice'

type Props = {
  children: ReactNode
  /** Another room: forget the fault. */
  room: string
  /** What else to do when it is tried again. */
  retry?: () => void
}

function Failed({ fault, retry }: { fault: Error; retry: () => void }) {
  const t = useWords(frameWords)
  const absent = /dynamically imported module|Importing a module/i.test(fault.message)
  const problem = absent ? { what: t('absent'), remedy: t('absentRemedy') } : { what: t('crashed'), got: fault.message, remedy: t('crashedRemedy') }
  return <div className="room-fault"><ProblemNotice problem={problem} retry={retry} /></div>
}

export class RoomBoundary extends Component<Props, { fault: Error | null }> {
  state = { fault: null as Error | null }

  static getDerivedStateFromError(fault: Error) {
    return { fault }
  }

  componentDidUpdate(before: Props) {
    if (before.room !== this.props.room && this.state.fault) this.setState({ fault: null })
  }

  again = () => {
    this.props.retry?.()
    this.setState({ fault: null })
  }

  render() {
    const { fault } = this.state
    return fault ? <Failed fault={fault} retry={this.again} /> : this.props.children
  }
}
