import { defineWords } from '../language/words'

export const mapWords = defineWords(
  {
    map: 'Map of the city', zoomIn: 'Zoom in', zoomOut: 'Zoom out', north: 'Face north', level: 'Look straight down', controls: 'Map controls', scale: 'Scale', attribution: 'Sources',
    mapHelp: 'Map of the city. Arrow keys move it, plus and minus zoom, Shift with arrows turns and tilts, Enter opens what is at the centre.',
    legend: 'Legend', baseLegend: 'Map symbols', synthetic: 'Synthetic data', syntheticHelp: 'Made by a program. No real place, no real people.',
    terrain: 'Terrain in 3D', terrainOff: 'Flat map', image: 'Save map as image', home: 'Whole city', loading: 'Loading the map',
    noWebgl: 'This browser gives no WebGL, which the map needs', noWebglRemedy: 'Switch on hardware acceleration in the browser’s settings, or use another browser. Panels and tables work without the map.',
    empty: 'This city has no data yet', emptyRemedy: 'Bring some in with “cim import osm FILE”, or make a sample city with “cim sample DIR”.',
    picking: 'Click on the map to choose: {what}', pickingAny: 'anything', cancel: 'Cancel',
    road: 'Road, wider = higher class', bridge: 'Bridge', tunnel: 'Tunnel', stairs: 'Stairs', walkway: 'Walkway', rail: 'Rail', water: 'Water', building: 'Building', poi: 'Place', from: 'Map of {city}',
  },
  {
    map: '城市地图', zoomIn: '放大', zoomOut: '缩小', north: '朝北', level: '垂直俯视', controls: '地图控件', scale: '比例尺', attribution: '数据来源',
    mapHelp: '城市地图。方向键移动，加减键缩放，按住 Shift 用方向键旋转和俯仰，回车查看中心处的要素。',
    legend: '图例', baseLegend: '地图符号', synthetic: '虚构数据', syntheticHelp: '由程序生成，并非真实地点或人物。',
    terrain: '立体地形', terrainOff: '平面地图', image: '地图存为图片', home: '全城视图', loading: '正在加载地图',
    noWebgl: '浏览器未提供 WebGL，地图无法显示', noWebglRemedy: '请在浏览器设置中开启硬件加速，或换用其他浏览器。面板和表格不受影响。',
    empty: '城市里还没有数据', emptyRemedy: '请用 “cim import osm 文件” 导入，或用 “cim sample 目录” 生成示例城市。',
    picking: '请在地图上点选：{what}', pickingAny: '任意要素', cancel: '取消',
    road: '道路，越宽等级越高', bridge: '桥梁', tunnel: '隧道', stairs: '梯道', walkway: '步道', rail: '轨道', water: '水系', building: '建筑', poi: '地点', from: '{city}地图',
  },
)
