// A chart that fits its box and the theme. Readers of the screen get the label; the numbers stand in a table nearby.
import type { EChartsCoreOption, EChartsType } from 'echarts/core'
import { useEffect, useRef } from 'react'

type Props = { option: EChartsCoreOption; label: string; height?: number }

export function Chart({ option, label, height = 220 }: Props) {
  const box = useRef<HTMLDivElement>(null)
  const chart = useRef<EChartsType | null>(null)
  const latest = useRef(option)
  latest.current = option
  useEffect(() => {
    let gone = false
    let sizes: ResizeObserver | null = null
    void import('./echarts').then(({ init }) => {
      if (gone || !box.current) return
      chart.current = init(box.current)
      chart.current.setOption(latest.current)
      sizes = new ResizeObserver(() => chart.current?.resize())
      sizes.observe(box.current)
    })
    return () => {
      gone = true
      sizes?.disconnect()
      chart.current?.dispose()
      chart.current = null
    }
  }, [])
  useEffect(() => {
    chart.current?.setOption(option, { notMerge: true })
  }, [option])
  return <div ref={box} className="chart" style={{ height }} role="img" aria-label={label} />
}
