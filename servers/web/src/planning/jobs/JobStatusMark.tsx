// A job's state: a sign and a word, never colour alone.
import { CheckCircleFilled, ClockCircleOutlined, CloseCircleFilled, LoadingOutlined, MinusCircleOutlined } from '@ant-design/icons'
import type { ReactNode } from 'react'
import { useWords } from '../../language/words'
import type { JobStatus } from '../../server/documents'
import { jobWords } from './jobWords'

const SIGNS: Record<JobStatus, ReactNode> = {
  accepted: <ClockCircleOutlined />, running: <LoadingOutlined />, successful: <CheckCircleFilled />, failed: <CloseCircleFilled />,
  dismissed: <MinusCircleOutlined />,
}

export function JobStatusMark({ status }: { status: JobStatus }) {
  const t = useWords(jobWords)
  return (
    <span className={`job-status job-${status}`}>
      <span aria-hidden="true">{SIGNS[status]}</span> {t(status === 'accepted' ? 'waiting' : status)}
    </span>
  )
}
