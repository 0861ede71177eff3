// Seed of a run, number of seeds of a comparison.
import { InputNumber } from 'antd'
import { useWords } from '../language/words'
import { askWords } from './askWords'

type Props = { kind: 'seed' | 'seeds'; place: string; value: number; onChange: (value: number) => void }

const LIMITS = { seed: [0, 2 ** 31 - 1], seeds: [2, 30] } as const

export function AskNumber({ kind, place, value, onChange }: Props) {
  const t = useWords(askWords)
  const id = `${place}-${kind}`.replace(/[^\w-]/g, '_')
  const [min, max] = LIMITS[kind]
  return (
    <div className="field">
      <label className="field-label" htmlFor={id} title={t(kind === 'seed' ? 'seedHint' : 'seedsHint')}>{t(kind)}</label>
      <InputNumber
        id={id} className="quantity numbers" value={value} min={min} max={max} precision={0} changeOnWheel={false}
        onChange={(number) => number !== null && onChange(number)}
      />
    </div>
  )
}
