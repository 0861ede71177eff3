// The base map's colours: quiet in both themes, so that data above it has the only strong ones.
import type { Theme } from '../state/address'

export type Palette = {
  land: string; slope: string; height: string; green: string; water: string; shore: string
  shadow: string; highlight: string; accent: string
  building: string; buildingTall: string; buildingLine: string
  road: string; roadMajor: string; casing: string; casingMajor: string; bridgeCasing: string; tunnel: string
  walk: string; stairs: string; rail: string; railGap: string; parking: string; signal: string
  label: string; labelSoft: string; labelWater: string; halo: string; poi: string; other: string
  hover: string; selected: string
  sky: string; horizon: string; fog: string
  light: string
}

export const PALETTES: Record<Theme, Palette> = {
  light: {
    land: '#f1f0ea', slope: '#e6ebdd', height: '#d3dec6', green: '#dde8d3', water: '#bcd3e0', shore: '#9dbccd',
    shadow: '#5d6b6b', highlight: '#ffffff', accent: '#8d948c',
    building: '#ece7dd', buildingTall: '#ddd8ce', buildingLine: '#cfc8ba',
    road: '#ffffff', roadMajor: '#fffdf6', casing: '#d3cdc1', casingMajor: '#b5ac9b', bridgeCasing: '#7f786b', tunnel: '#e4e0d7',
    walk: '#b9ae9d', stairs: '#9a7f62', rail: '#8a8a93', railGap: '#efeee8', parking: '#dfe3e8', signal: '#6c7a70',
    label: '#34404b', labelSoft: '#56626d', labelWater: '#3f6d88', halo: '#fbfaf7', poi: '#6d7f78', other: '#8b93a0',
    hover: '#1d6fa5', selected: '#0b66c3',
    sky: '#a9cbe4', horizon: '#eaf1f4', fog: '#e9ecea',
    light: '#fffaf0',
  },
  dark: {
    land: '#161e25', slope: '#18252a', height: '#203631', green: '#1a2922', water: '#0c2d40', shore: '#1d4a62',
    shadow: '#05080b', highlight: '#4a5a66', accent: '#0a0f13',
    building: '#2e3c48', buildingTall: '#485b6b', buildingLine: '#35434e',
    road: '#3a4650', roadMajor: '#515f6b', casing: '#0e1419', casingMajor: '#0b1014', bridgeCasing: '#8494a1', tunnel: '#252f37',
    walk: '#52606b', stairs: '#8a7660', rail: '#6f7d89', railGap: '#161e25', parking: '#222e37', signal: '#7f9187',
    label: '#d3dce4', labelSoft: '#a5b2bd', labelWater: '#86b5d0', halo: '#0e141a', poi: '#8fa49b', other: '#7f8b98',
    hover: '#6db8ef', selected: '#7cc4ff',
    sky: '#0a1520', horizon: '#22384a', fog: '#18242d',
    light: '#cfe0ee',
  },
}
