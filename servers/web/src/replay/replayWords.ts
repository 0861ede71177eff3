import { defineWords } from '../language/words'

export const words = defineWords(
  {
    timeline: 'Timeline', play: 'Play', pause: 'Pause', speed: 'Speed', faster: '{n} × real time', time: 'Time of day',
    vehicles: '{n} vehicles', loading: 'Loading vehicles …', none: 'This result recorded no vehicles over time.',
    noneHint: 'Run it again with positions recorded to replay it.',
    legend: 'Vehicles by speed', note: 'Strokes point where they drive; longer than real ones when zoomed out.',
    baseline: 'Baseline', plan: 'Plan', both: 'Both', side: 'Whose vehicles', sideLegend: 'Vehicles',
  },
  {
    timeline: '时间轴', play: '播放', pause: '暂停', speed: '倍速', faster: '{n} 倍速', time: '时刻',
    vehicles: '{n} 辆车', loading: '正在载入车辆…', none: '该结果没有记录车辆轨迹。',
    noneHint: '重新运行并记录轨迹后即可回放。',
    legend: '车辆速度', note: '线段指向行驶方向；缩小地图时比真车长。',
    baseline: '基准', plan: '方案', both: '两者', side: '显示哪一方的车辆', sideLegend: '车辆',
  },
)
