// A room that fails takes nothing else with it: it says so in its place, and can be tried again.
import { Component, type ReactNode } from 'react'
import { useWords } from '../language/words'
import { frameWords } from './frameWords'
import { ProblemNotice } from './ProblemNotice'

type Props = { children: ReactNode; /** Another room: forget the fault. */ room: string }

function Failed({ fault, retry }: { fault: Error; retry: () => void }) {
  const t = useWords(frameWords)
  return <ProblemNotice problem={{ what: t('crashed'), got: fault.message, remedy: t('crashedRemedy') }} retry={retry} />
}

export class RoomBoundary extends Component<Props, { fault: Error | null }> {
  state = { fault: null as Error | null }

  static getDerivedStateFromError(fault: Error) {
    return { fault }
  }

  componentDidUpdate(before: Props) {
    if (before.room !== this.props.room && this.state.fault) this.setState({ fault: null })
  }

  render() {
    const { fault } = this.state
    return fault ? <Failed fault={fault} retry={() => this.setState({ fault: null })} /> : this.props.children
  }
}
