// Cancel, asked once more in the same place.
import { Button } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import { cancelJob } from './jobsStore'
import { jobWords } from './jobWords'

export function CancelButton({ id, what }: { id: string; what: string }) {
  const t = useWords(jobWords)
  const [step, setStep] = useState<'idle' | 'asked' | 'sent'>('idle')
  const [problem, setProblem] = useState<unknown>(null)
  const cancel = async () => {
    setStep('sent')
    try {
      await cancelJob(id)
    } catch (fault) {
      setProblem(fault)
      setStep('idle')
    }
  }
  if (step === 'asked')
    return (
      <span className="confirm" role="group" aria-label={t('cancelWhat', { what })}>
        <span className="soft">{t('cancelSure')}</span>
        <Button size="small" danger autoFocus onClick={() => void cancel()}>{t('cancelYes')}</Button>
        <Button size="small" onClick={() => setStep('idle')}>{t('cancelNo')}</Button>
      </span>
    )
  return (
    <>
      <Button size="small" loading={step === 'sent'} aria-label={t('cancelWhat', { what })} onClick={() => setStep('asked')}>{t('cancel')}</Button>
      <ProblemNotice problem={problem} />
    </>
  )
}
