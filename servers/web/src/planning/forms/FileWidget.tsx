// Names a file of the city's inputs: one that lies there, or one uploaded now.
import { UploadOutlined } from '@ant-design/icons'
import type { WidgetProps } from '@rjsf/utils'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { Button, Select } from 'antd'
import { useRef } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import { ask, getJson } from '../../server/client'
import { formsWords } from './formsWords'

type Input = { name: string; bytes: number; modified_at: string }
type Inputs = { inputs: Input[]; most_bytes: number }

async function upload(file: File): Promise<Input> {
  const body = new FormData()
  body.append('file', file, file.name)
  return (await ask('/api/inputs', { method: 'POST', body })).json() as Promise<Input>
}

export function FileWidget({ id, value, onChange, label, disabled }: WidgetProps) {
  const t = useWords(formsWords)
  const queries = useQueryClient()
  const chooser = useRef<HTMLInputElement>(null)
  const { data } = useQuery({ queryKey: ['inputs'], queryFn: ({ signal }) => getJson<Inputs>('/api/inputs', signal) })
  const sending = useMutation({
    mutationFn: upload,
    onSuccess: (input) => {
      void queries.invalidateQueries({ queryKey: ['inputs'] })
      onChange(input.name)
    },
  })
  const offered = (data?.inputs ?? []).map((input) => ({ value: input.name, label: input.name }))
  const largest = data ? t('upTo', { size: Math.floor(data.most_bytes / 1e6) }) : undefined
  return (
    <div className="file-choice">
      <Select
        id={id} aria-label={label} allowClear showSearch value={(value as string) || undefined} options={offered}
        placeholder={t('chooseFile')} disabled={disabled} onChange={(name) => onChange(name || undefined)}
      />
      <Button icon={<UploadOutlined aria-hidden />} loading={sending.isPending} title={largest} disabled={disabled} onClick={() => chooser.current?.click()}>
        {sending.isPending ? t('uploading') : t('upload')}
      </Button>
      <input
        ref={chooser} type="file" hidden aria-label={`${t('upload')}: ${label}`}
        onChange={(event) => {
          const file = event.target.files?.[0]
          event.target.value = ''
          if (file) sending.mutate(file)
        }}
      />
      <ProblemNotice problem={sending.error} />
    </div>
  )
}
