// What went wrong, where, and what to do about it: shown at the place where the action was started.
import { Button } from 'antd'
import { Problem, isTransient } from '../server/client'
import { useWords } from '../language/words'
import { problemWords } from './problemWords'
import './problem-notice.css'

type Props = {
  /** Whatever was caught: a {@link Problem}, an Error, a problem document, or anything else. Null shows nothing. */
  problem: unknown
  /** Offers "try again". */
  retry?: () => void
}

type Told = { what: string; where?: string; expected?: string; got?: string; remedy?: string; errors?: { loc: string; msg: string }[] }

/** The parts of a problem that a person reads. */
export function tellProblem(problem: unknown): Told {
  if (problem instanceof Problem) return problem.content as Told
  if (problem instanceof Error) return { what: problem.message }
  if (typeof problem === 'object' && problem !== null && 'what' in problem) return problem as Told
  return { what: String(problem) }
}

export function ProblemNotice({ problem, retry }: Props) {
  const t = useWords(problemWords)
  if (problem === null || problem === undefined) return null
  const told = tellProblem(problem)
  const gone = problem instanceof Problem && problem.code === 'page.server_gone'
  const facts = (['where', 'expected', 'got'] as const).filter((part) => told[part])
  return (
    <div className="problem" role="alert">
      <p className="problem-what">
        <span className="problem-mark" aria-hidden="true">!</span>
        {gone ? t('gone') : told.what}
      </p>
      {facts.length > 0 && (
        <dl className="problem-facts">
          {facts.map((part) => (
            <div key={part}>
              <dt>{t(part)}</dt>
              <dd>{String(told[part])}</dd>
            </div>
          ))}
        </dl>
      )}
      {Array.isArray(told.errors) && (
        <ul className="problem-errors">
          {told.errors.map((fault, place) => (
            <li key={place}>
              <code>{fault.loc}</code> {fault.msg}
            </li>
          ))}
        </ul>
      )}
      {told.remedy && (
        <p className="problem-remedy">
          <strong>{t('remedy')}</strong> {gone ? t('goneRemedy') : told.remedy}
        </p>
      )}
      {retry && (
        <Button size="small" onClick={retry}>
          {isTransient(problem) ? t('retryNow') : t('retry')}
        </Button>
      )}
    </div>
  )
}
