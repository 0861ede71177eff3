// Values as the source writes them (OpenStreetMap's words), in a person's words. What is not here is shown as it stands.
import type { Text } from '../language/words'

const word = (en: string, zh: string): Text => ({ en, zh })

const CLASS: Record<string, Text> = {
  motorway: word('Motorway', '高速公路'), motorway_link: word('Motorway ramp', '高速公路匝道'), trunk: word('Expressway', '快速路'), trunk_link: word('Expressway ramp', '快速路匝道'),
  primary: word('Primary road', '主干路'), primary_link: word('Primary road ramp', '主干路匝道'), secondary: word('Secondary road', '次干路'), secondary_link: word('Secondary road ramp', '次干路匝道'),
  tertiary: word('Tertiary road', '支路'), tertiary_link: word('Tertiary road ramp', '支路匝道'), residential: word('Residential street', '居住区道路'), unclassified: word('Minor road', '一般道路'),
  living_street: word('Living street', '生活街道'), service: word('Service road', '内部道路'), track: word('Track', '土路'), busway: word('Busway', '公交专用道'), footway: word('Footway', '人行道'), path: word('Path', '小径'),
  steps: word('Stairs', '梯道'), pedestrian: word('Pedestrian street', '步行街'), corridor: word('Indoor corridor', '室内通道'), cycleway: word('Cycleway', '自行车道'), elevator: word('Lift', '电梯'),
  subway: word('Metro', '地铁'), light_rail: word('Light rail', '轻轨'), monorail: word('Monorail', '单轨'), rail: word('Railway', '铁路'), tram: word('Tram', '有轨电车'), construction: word('Under construction', '在建'),
  river: word('River', '河流'), stream: word('Stream', '溪流'), basin: word('Basin', '水池'), reservoir: word('Reservoir', '水库'), lake: word('Lake', '湖泊'), pond: word('Pond', '池塘'), canal: word('Canal', '水渠'), water: word('Water', '水面'),
}
const USE: Record<string, Text> = {
  residential: word('Residential', '居住'), office: word('Office', '办公'), retail: word('Retail', '商业'), hotel: word('Hotel', '酒店'), culture: word('Culture', '文化'), civic: word('Civic', '公共服务'), transport: word('Transport', '交通'),
  industrial: word('Industrial', '工业'), school: word('School', '学校'), hospital: word('Hospital', '医院'), education: word('Education', '教育'), health: word('Health', '医疗'), mixed: word('Mixed', '混合'), other: word('Other', '其他'), parking: word('Parking', '停车'),
  religious: word('Religious', '宗教'), commercial: word('Commercial', '商业'), warehouse: word('Warehouse', '仓储'), utility: word('Utility', '市政设施'), sport: word('Sport', '体育'),
}
const ACCESS: Record<string, Text> = { all: word('Everybody', '不限'), bus: word('Buses only', '仅公交'), private: word('Private', '内部通行'), none: word('Nobody', '禁止通行') }
const SURFACE: Record<string, Text> = { asphalt: word('Asphalt', '沥青'), concrete: word('Concrete', '混凝土'), paving_stones: word('Paving stones', '铺砖'), paved: word('Paved', '铺装'), sett: word('Sett', '石块'), unpaved: word('Unpaved', '未铺装'), gravel: word('Gravel', '碎石'), dirt: word('Dirt', '泥土') }
const KIND: Record<string, Text> = {
  amenity: word('Amenity', '公共设施'), shop: word('Shop', '商店'), office: word('Office', '办公'), tourism: word('Tourism', '旅游'), leisure: word('Leisure', '休闲'), historic: word('Historic', '历史遗迹'), transport: word('Transport', '交通'), railway: word('Rail', '轨道交通'), public_transport: word('Public transport', '公共交通'), healthcare: word('Health', '医疗'), emergency: word('Emergency', '应急'),
  school: word('School', '学校'), kindergarten: word('Kindergarten', '幼儿园'), university: word('University', '大学'), hospital: word('Hospital', '医院'), clinic: word('Clinic', '诊所'), pharmacy: word('Pharmacy', '药店'), restaurant: word('Restaurant', '餐馆'), cafe: word('Café', '咖啡馆'), bank: word('Bank', '银行'), police: word('Police', '派出所'), fire_station: word('Fire station', '消防站'), park: word('Park', '公园'), supermarket: word('Supermarket', '超市'), marketplace: word('Market', '市场'), bus_stop: word('Bus stop', '公交站'), station: word('Station', '车站'), subway_entrance: word('Metro entrance', '地铁口'), townhall: word('Town hall', '政府'), library: word('Library', '图书馆'), museum: word('Museum', '博物馆'), hotel: word('Hotel', '酒店'), parking: word('Parking', '停车场'), attraction: word('Attraction', '景点'), viewpoint: word('Viewpoint', '观景点'), mall: word('Mall', '商场'), surface: word('Surface', '地面'), underground: word('Underground', '地下'), 'multi-storey': word('Multi-storey', '立体'),
}
const BY_FIELD: Record<string, Record<string, Text>> = { class: CLASS, use: USE, access: ACCESS, surface: SURFACE, kind: KIND, category: KIND }

/** The words for a field's value; null where there are none. */
export function valueText(field: string, value: unknown): Text | null {
  return BY_FIELD[field]?.[String(value)] ?? null
}

/** What a field is known to take: offered while correcting, anything else may be typed. */
export function knownValues(field: string): [string, Text][] {
  return Object.entries(BY_FIELD[field] ?? {})
}
