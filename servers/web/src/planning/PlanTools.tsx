// What can be done with a saved plan: look at its versions, make a copy.
import { CopyOutlined, HistoryOutlined } from '@ant-design/icons'
import { Button } from 'antd'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { PlanVersions } from './PlanVersions'
import { planWords } from './planWords'
import { useDuplicate } from './useDuplicate'

type Props = { name: string; title: string; version: number; dirty: boolean; open: boolean; onOpen: (open: boolean) => void }

export function PlanTools({ name, title, version, dirty, open, onOpen }: Props) {
  const t = useWords(planWords)
  const duplicate = useDuplicate()
  return (
    <section className="plan-tools" aria-label={t('planTools')}>
      <Button size="small" icon={<HistoryOutlined aria-hidden />} aria-expanded={open} onClick={() => onOpen(!open)}>{t('versions')}</Button>
      <Button size="small" icon={<CopyOutlined aria-hidden />} loading={duplicate.isPending} onClick={() => duplicate.mutate({ name, title })}>{t('duplicate')}</Button>
      <ProblemNotice problem={duplicate.error} />
      {open && <PlanVersions name={name} version={version} dirty={dirty} />}
    </section>
  )
}
