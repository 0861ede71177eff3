// Results of a scenario that is nowhere in the page's code: gardens that are watered.
import type { ComparisonDocument, Declaration, RunDocument } from '../src/server/documents'

const text = (en: string, zh: string) => ({ en, zh })
const column = (en: string, zh: string, unit = '', more = {}) => ({ title: text(en, zh), unit, better: 'neither' as const, compare: false, tolerance: 0, ...more })
const PLAN = { plan: 'night-watering', title: 'Night watering 夜间浇灌', measures: [{ type: 'water', garden: 'g1' }] }

export const DECLARATION: Declaration = {
  figures: {
    water_used: { title: text('Water used', '用水量'), unit: 'm3', better: 'lower', description: '', judged: true },
    happy: { title: text('Happy gardeners', '满意园丁'), unit: 'persons', better: 'higher', description: '', judged: true },
    hoses: { title: text('Hoses', '水管'), unit: 'features', better: 'neither', description: '', judged: true },
    balance: { title: text('Balance', '收支差'), unit: 'm3', better: 'neither', description: '', judged: false },
  },
  layers: {
    places_out: { title: text('Places', '地点'), geometry: 'None', show: 'dry_share', ids: 'feature', columns: {} },
    hoses_out: { title: text('Hoses', '水管'), geometry: 'LineString', show: 'flow', ids: 'feature', columns: {} },
    gardens_out: {
      title: text('Gardens', '花园'), geometry: 'Polygon', show: 'dry_share', ids: 'feature',
      columns: { garden: column('Garden', '花园'), dry_share: column('Dry share', '干旱占比', 'ratio', { compare: true, better: 'lower' }), state: column('State', '状态') },
    },
  },
  tables: { gardens: { title: text('Gardens', '花园'), pair_by: 'garden', columns: { litres: column('Litres', '升数', 'm3', { compare: true, better: 'lower', tolerance: 1 }) } } },
}

const shares = { kind: 'number' as const, min: 0, max: 1, quantiles: [0.1, 0.3, 0.5, 0.7, 0.9] }
const edit = { layer: 'gardens', target: 'g9', features: ['g9'], fields: { shade: 1 }, measure: 0, reason: 'no garden has this field' }

export function runOf(): RunDocument {
  const layer = (rows: number, columns: RunDocument['layers'][string]['columns']) => ({
    rows, geometry: 'Polygon', bounds: null, tilejson: '/api/runs/r1/layers/x/tiles', columns, href: '/api/runs/r1/layers/x/items', picture: '',
  })
  return {
    run: 'r1', analysis: 'gardens.water', title: text('Watering', '浇灌'), parameters: { hours: 3 }, plan: PLAN, seed: 7, sequence: 2,
    figures: { water_used: { value: 1234, unit: 'm3', low: 1200, high: 1300 }, happy: { value: 12, unit: 'persons' }, balance: { value: 0, unit: 'm3' } },
    layers: {
      gardens_out: layer(20, { garden: { kind: 'category', categories: ['a', 'b'], distinct: 20 }, dry_share: shares, state: { kind: 'category', categories: ['wet', 'dry'], distinct: 2 } }),
      hoses_out: layer(0, {}), places_out: layer(5, { dry_share: shares }),
    },
    tables: {}, files: {}, trajectories: null, warnings: ['The pump curve is assumed.'], unused_edits: [edit], facts: { engine: { name: 'hose' } },
    attribution: ['synthetic: made by a program'], synthetic: true, finished_at: '2026-03-01T08:00:00+00:00', seconds: 3.2, declaration: DECLARATION,
  }
}

export function comparisonOf(): ComparisonDocument {
  const figure = (unit: string, baseline: number, difference: number, half: number, verdict: string, p = 0.4) => ({
    unit, baseline, plan: baseline + difference, difference, low: difference - half, high: difference + half, p_adjusted: p, verdict,
  })
  return {
    id: 'c1', analysis: 'gardens.water', title: text('Watering', '浇灌'), parameters: {}, plan: PLAN, against: { plan: 'baseline', measures: [] }, seeds: [1, 2, 3],
    runs: [], stochastic: true,
    figures: {
      water_used: figure('m3', 1200, -300, 40, 'gain', 0.0001), happy: figure('persons', 12, 1, 3, 'no clear difference'),
      hoses: figure('features', 5, 0, 0, 'no clear difference', 1), balance: figure('m3', 0, 0, 0, 'no clear difference', 1),
    },
    layers: {},
    tables: { gardens: { column: 'litres', unit: 'm3', tolerance: 1, pairs: 1237, gained: 1200, lost: 7, unchanged: 30, only_baseline: 0, only_plan: 0, rows: 1237, pair_by: 'garden', href: '/api/comparisons/c1/tables/gardens' } },
    warnings: [], unused_edits: [], unused_edits_against: [], facts: {}, attribution: [], synthetic: true, declaration: DECLARATION,
  }
}
