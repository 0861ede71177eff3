// What the panel shows, in a person's words, with the synthetic mark and a link to hand on.
import { Button } from 'antd'
import { LinkOutlined } from '@ant-design/icons'
import { useEffect, useState } from 'react'
import { useText, useWords, type Text } from '../../language/words'
import { useAddress, writeAddress } from '../../state/address'
import { words } from '../words'

type Props = { kind: Text | string; title: string; against?: string; note?: string; synthetic: boolean }

function ShareLink() {
  const t = useWords(words)
  const [said, setSaid] = useState<'copied' | 'notCopied' | null>(null)
  useEffect(() => {
    const timer = said ? window.setTimeout(() => setSaid(null), 3000) : 0
    return () => clearTimeout(timer)
  }, [said])
  const copy = async () => {
    const link = `${location.origin}${location.pathname}?${writeAddress(useAddress.getState())}`
    try {
      await navigator.clipboard.writeText(link)
      setSaid('copied')
    } catch {
      setSaid('notCopied') // no permission, or an address without TLS
    }
  }
  return (
    <span className="share-link">
      <Button size="small" type="text" icon={<LinkOutlined aria-hidden />} onClick={copy}>{t('share')}</Button>
      <span role="status">{said && t(said)}</span>
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
        {synthetic && <span className="synthetic-mark" title={t('syntheticTitle')}>{t('synthetic')}</span>}
      </p>
      <h2>{heading}{against && <small> {against}</small>}</h2>
      {note && <p className="result-note">{note}</p>}
      <ShareLink />
    </header>
  )
}
