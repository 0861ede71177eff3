// A chart that fits its box and the theme. Readers of the screen get the label; the numbers stand in a table nearby.
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef, useState } from 'react'
import { ProblemNotice } from '../../app/ProblemNotice'
import { useWords } from '../../language/words'
import { words } from '../words'

type Props = { option: EChartsCoreOption; label: string; height?: number }

export function Chart({ option, label, height = 220 }: Props) {
  const t = useWords(words)
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const latest = useRef(option)
  latest.current = option
  const [fault, setFault] = useState<unknown>(null)
  const [tries, setTries] = useState(0)
  const again = () => {
    setFault(null)
    setTries(tries + 1)
  }
  useEffect(() => {
    let gone = false
    let sizes: ResizeObserver | null = null
    import('./echarts').then(({ init }) => {
      if (gone || !box.current) return
      chart.current = init(box.current)
      chart.current.setOption(latest.current)
      sizes = new ResizeObserver(() => chart.current?.resize())
      sizes.observe(box.current)
    }).catch((problem: unknown) => {
      if (!gone) setFault(problem)
    })
    return () => {
      gone = true
      sizes?.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [tries])
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true })
  }, [option])
  if (fault !== null) return <ProblemNotice problem={t('noChart')} retry={again} />
  return <div ref={box} className="chart" style={{ height }} role="img" aria-label={label} />
}
