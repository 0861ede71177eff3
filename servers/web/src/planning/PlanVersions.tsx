// Saved versions of a plan: who, when, what changed; the one before can be brought back.
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Skeleton } from 'antd'
import { useState } from 'react'
import { ProblemNotice } from '../app/ProblemNotice'
import { useWords } from '../language/words'
import { useCityTime } from '../server/cityTime'
import { useDraft } from './draft'
import { MeasureLines } from './MeasureLines'
import { differenceQuery, planQuery, undoPlan, versionsQuery, type PlanVersionEntry } from './planQueries'
import { planWords } from './planWords'

type Props = { name: string; version: number; dirty: boolean }

export function PlanVersions({ name, version, dirty }: Props) {
  const t = useWords(planWords)
  const queries = useQueryClient()
  const versions = useQuery(versionsQuery(name))
  const open = useDraft((store) => store.open)
  const restoring = useMutation({
    mutationFn: () => undoPlan(name, version),
    onSuccess: (document) => {
      open(document, true)
      queries.setQueryData(planQuery(name).queryKey, document)
      void queries.invalidateQueries({ queryKey: ['plans'] })
    },
  })
  if (!versions.data && versions.error) return <ProblemNotice problem={versions.error} retry={() => void versions.refetch()} />
  if (!versions.data) return <Skeleton active paragraph={{ rows: 2 }} title={false} />
  return (
    <div className="versions-list">
      <ol reversed>
        {versions.data.map((one, place) => <VersionRow key={one.version} entry={one} newest={place === 0} />)}
      </ol>
      <Button size="small" disabled={dirty || versions.data.length < 2} loading={restoring.isPending} onClick={() => restoring.mutate()}>
        {t('restore')}
      </Button>
      {dirty && <p className="soft">{t('restoreUnsaved')}</p>}
      <ProblemNotice problem={restoring.error} retry={() => restoring.mutate()} />
    </div>
  )
}

function VersionRow({ entry, newest }: { entry: PlanVersionEntry; newest: boolean }) {
  const t = useWords(planWords)
  const { moment } = useCityTime()
  const [open, setOpen] = useState(false)
  const difference = useQuery({ ...differenceQuery(entry.name, entry.version), enabled: open && entry.version > 1 })
  const body = `version-${entry.version}`
  return (
    <li value={entry.version}>
      <span className="numbers">{moment(entry.at)}</span>
      {entry.author && <span className="soft"> {t('by', { author: entry.author })}</span>}
      {newest && <span className="soft"> · {t('current')}</span>}
      {entry.version > 1 && (
        <Button type="link" size="small" aria-expanded={open} aria-controls={body} onClick={() => setOpen(!open)}>
          {t('diff')}<span className="visually-hidden"> {t('version', { number: entry.version })}</span>
        </Button>
      )}
      <div id={body} hidden={!open}>
        {difference.data && <Difference added={difference.data.added} removed={difference.data.removed} />}
        <ProblemNotice problem={difference.error} />
      </div>
    </li>
  )
}

function Difference({ added, removed }: { added: Parameters<typeof MeasureLines>[0]['measures']; removed: Parameters<typeof MeasureLines>[0]['measures'] }) {
  const t = useWords(planWords)
  if (added.length + removed.length === 0) return <p className="soft">{t('noChange')}</p>
  return (
    <>
      <MeasureLines measures={added} sign="+" mark={t('added')} />
      <MeasureLines measures={removed} sign="−" mark={t('removed')} />
    </>
  )
}
