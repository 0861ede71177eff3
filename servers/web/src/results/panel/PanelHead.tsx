// What the panel shows, in a person's words, with the synthetic mark and a link to hand on.
import { Button } from 'antd'
import { LinkOutlined } from '@ant-design/icons'
import { useCopyLink } from '../../app/useCopyLink'
import { useText, useWords, type Text } from '../../language/words'
import { words } from '../words'

type Props = { kind: Text | string; title: string; against?: string; note?: string; synthetic: boolean }

function ShareLink() {
  const t = useWords(words)
  const copy = useCopyLink()
  return (
    <span className="share-link">
      <Button size="small" type="text" icon={<LinkOutlined aria-hidden />} onClick={() => void copy()}>{t('share')}</Button>
    </span>
  )
}

export function PanelHead({ kind, title, against, note, synthetic }: Props) {
  const t = useWords(words)
  const text = useText()
  // A title that is a phrase of ours begins a line here.
  const heading = title.charAt(0).toUpperCase() + title.slice(1)
  return (
    <header className="result-head">
      <p className="result-kind">
        {text(kind)}
        {synthetic && <span className="synthetic" title={t('syntheticTitle')}>{t('synthetic')}</span>}
      </p>
      <h2>{heading}{against && <small> {against}</small>}</h2>
      {note && <p className="result-note">{note}</p>}
      <ShareLink />
    </header>
  )
}
